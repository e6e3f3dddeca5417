package dev.switchman.topology;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ServerVersionTest {

    @ParameterizedTest
    @CsvSource({"5.7.22, 5.7.44, true", "5.7.44, 5.7.22, true", "8.0.12, 5.7.44, true", "5.7.44, 8.0.12, false",
            "8.0.33, 8.0.12, true", "8.0.12, 8.0.33, false", "8.0.33, 8.0.36, false", "8.0.34, 8.0.40, true",
            "8.4.0, 8.0.40, true", "8.0.40, 8.4.0, false", "9.7.3, 9.7.4, true", "9.0.1, 9.1.0, false"})
    void aServerFollowsItsOwnSeriesAndOlderOnes(String replica, String source, boolean may) {
        assertThat(ServerVersion.parse(replica).mayFollow(ServerVersion.parse(source))).isEqualTo(may);
    }

    @Test
    void readsWhatAServerTells() {
        assertThat(ServerVersion.parse("5.7.22-log")).isEqualTo(new ServerVersion(5, 7, 22));
        assertThat(ServerVersion.parse(" 8.0.33 ")).isEqualTo(new ServerVersion(8, 0, 33));
        assertThatThrownBy(() -> ServerVersion.parse("8.0")).hasMessage("not a MySQL version: \"8.0\"");
    }
}
