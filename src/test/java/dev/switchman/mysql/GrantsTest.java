package dev.switchman.mysql;

import java.util.List;

import org.junit.jupiter.api.Test;

import dev.switchman.topology.ServerVersion;

import static org.assertj.core.api.Assertions.assertThat;

/** Lines as real servers print them. */
class GrantsTest {

    private static final Dialect V5_7 = Dialect.of(new ServerVersion(5, 7, 22));
    private static final Dialect V8_0 = Dialect.of(new ServerVersion(8, 0, 33));
    private static final Dialect V9_7 = Dialect.of(new ServerVersion(9, 7, 0));

    @Test
    void everythingIsEnough() {
        Grants all = Grants.of(List.of("GRANT ALL PRIVILEGES ON *.* TO 'switchman'@'%' WITH GRANT OPTION"));

        assertThat(all.missing(V5_7)).isEmpty();
        assertThat(all.ownRows("switchman")).isTrue();
    }

    @Test
    void whatIsMissingIsToldAsItWouldBeGranted() {
        Grants few = Grants.of(List.of("GRANT RELOAD, PROCESS ON *.* TO `switchman`@`%`",
                "GRANT CONNECTION_ADMIN,SYSTEM_VARIABLES_ADMIN,XA_RECOVER_ADMIN ON *.* TO `switchman`@`%`",
                "GRANT SELECT ON `performance_schema`.* TO `switchman`@`%`"));

        assertThat(few.missing(V5_7)).containsExactly("REPLICATION CLIENT", "EVENT", "SUPER");
        assertThat(few.missing(V8_0)).containsExactly("REPLICATION CLIENT", "EVENT", "REPLICATION_SLAVE_ADMIN",
                "SET_USER_ID", "PERSIST_RO_VARIABLES_ADMIN", "SYSTEM_USER");
        assertThat(few.missing(Dialect.of(new ServerVersion(8, 0, 12)))).doesNotContain("SYSTEM_USER");
        assertThat(few.missing(V9_7)).contains("SET_ANY_DEFINER").doesNotContain("SET_USER_ID");
        assertThat(few.ownRows("switchman")).isFalse();
    }

    @Test
    void schemasAreReadWithTheirEscapes() {
        Grants grants = Grants.of(List.of("GRANT ALL PRIVILEGES ON `switchman\\_ping`.* TO `switchman`@`%`",
                "GRANT SELECT, INSERT, UPDATE, DELETE ON `other`.`ping` TO `switchman`@`%`",
                "GRANT SELECT, INSERT ON `third`.* TO `switchman`@`%`"));

        assertThat(grants.ownRows("switchman_ping")).isTrue();
        assertThat(grants.ownRows("other")).isTrue();
        assertThat(grants.ownRows("third")).isFalse();
    }

    @Test
    void aCopyNeedsThePluginsTableOnlyWhereThePluginIsMissing() {
        Grants grants = Grants.of(List.of("GRANT BACKUP_ADMIN,CLONE_ADMIN ON *.* TO `switchman`@`%`"));

        assertThat(grants.missingForCopies(true)).isEmpty();
        assertThat(grants.missingForCopies(false)).containsExactly("INSERT ON mysql.plugin");
        assertThat(Grants.of(List.of("GRANT INSERT ON `mysql`.`plugin` TO `switchman`@`%`")).missingForCopies(false))
                .containsExactly("CLONE_ADMIN", "BACKUP_ADMIN");
    }
}
