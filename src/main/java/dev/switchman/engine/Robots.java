package dev.switchman.engine;

import java.security.SecureRandom;
import java.sql.Timestamp;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

import dev.switchman.runbook.People.Role;
import dev.switchman.runbook.Roster.Robot;
import dev.switchman.topology.Sha256;

/**
 * Robots and the hashes of their tokens. SHA-256 and not bcrypt: a token is 256 random bits, which nobody finds by trying,
 * and every request shows it.
 */
@Component
class Robots {

    /** Tells a robot's token from others at sight, also to a search for leaked ones. */
    private static final String PREFIX = "switchman_";
    private static final int BYTES = 32;

    private final JdbcTemplate store;
    private final SecureRandom random = new SecureRandom();

    Robots(JdbcTemplate store) {
        this.store = store;
        store.execute("""
                create table if not exists SM_ROBOT (
                  NAME_ varchar(64) not null primary key,
                  HASH_ varchar(64) not null unique,
                  GROUPS_ varchar(255) not null,
                  MADE_BY_ varchar(255) not null,
                  MADE_AT_ timestamp(3) with time zone not null)""");
    }

    List<Robot> all() {
        return rows("order by NAME_");
    }

    Optional<Robot> named(String name) {
        return rows("where lower(NAME_) = lower(?)", name).stream().findFirst();
    }

    Optional<Robot> of(String token) {
        return token.startsWith(PREFIX)
                ? rows("where HASH_ = ?", Sha256.of(token)).stream().findFirst()
                : Optional.empty();
    }

    /** @return the token, which is not kept */
    String make(Robot robot) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        String token = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        store.update("insert into SM_ROBOT (NAME_, HASH_, GROUPS_, MADE_BY_, MADE_AT_) values (?, ?, ?, ?, ?)",
                robot.name(), Sha256.of(token), words(robot.roles()), Text.upTo(255, robot.madeBy()),
                Timestamp.from(robot.madeAt()));
        return token;
    }

    void remove(String name) {
        store.update("delete from SM_ROBOT where NAME_ = ?", name);
    }

    private List<Robot> rows(String where, Object... arguments) {
        return store.query("select NAME_, GROUPS_, MADE_BY_, MADE_AT_ from SM_ROBOT " + where,
                (row, number) -> new Robot(row.getString("NAME_"), roles(row.getString("GROUPS_")),
                        row.getString("MADE_BY_"), row.getTimestamp("MADE_AT_").toInstant()),
                arguments);
    }

    private static String words(Set<Role> roles) {
        return roles.stream().sorted().map(Role::group).collect(Collectors.joining(","));
    }

    private static Set<Role> roles(String words) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        Arrays.stream(words.split(",")).map(Role::ofGroup).flatMap(Optional::stream).forEach(roles::add);
        return roles;
    }
}
