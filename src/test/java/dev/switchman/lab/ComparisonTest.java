package dev.switchman.lab;

import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What {@code ./switchman bench --peer mha} is asked and tells. */
class ComparisonTest {

    private static PeerOutage back(long millis, String... writable) {
        return new PeerOutage(millis, true, 0, 0, List.of(writable));
    }

    private static final PeerOutage GIVEN_UP = new PeerOutage(120_004, false, 3, 0, List.of("db1", "db2"));

    @Test
    void the_ratio_is_that_of_the_medians() {
        Comparison.Row row = new Comparison.Row("crash",
                List.of(back(400, "db2"), back(300, "db2"), back(9_000, "db2")),
                List.of(back(7_200, "db2"), back(100, "db2")), List.of());

        assertThat(row.ratio()).isEqualTo("0.3");
        assertThat(Comparison.median(row.switchman()).millis()).isEqualTo(400);
    }

    @Test
    void a_run_that_never_came_back_is_the_longest_and_its_ratio_a_least_one() {
        Comparison.Row row = new Comparison.Row("frozen", List.of(back(2_000, "db2")),
                List.of(GIVEN_UP, GIVEN_UP, back(500_000, "db2")), List.of());

        assertThat(row.ratio()).isEqualTo(">= 60.0");
        assertThat(new Comparison.Row("frozen", List.of(GIVEN_UP), List.of(back(1, "db2")), List.of()).ratio())
                .isEqualTo("-");
        assertThat(new Comparison.Row("frozen").ratio()).isEqualTo("-");
    }

    @Test
    void the_table_tells_both_what_was_lost_and_who_is_writable_in_the_end() {
        Comparison comparison = new Comparison("MHA 0.58",
                List.of(new Comparison.Row("frozen", List.of(back(2_000, "db2"), back(2_500, "db2")), List.of(GIVEN_UP),
                        List.of("frozen, mha: status 1, 1 of 2 told nothing")), new Comparison.Row("planned")));

        assertThat(comparison.table().subList(1, 6)).containsExactly(
                "fault                runs   median      min      max   lost   writable    ratio",
                "frozen   Switchman      2     2000     2000     2500      0          1",
                "         MHA 0.58       1  120004*   120004   120004      3          2  >= 60.0",
                "planned  Switchman      0        -        -        -      -          -",
                "         MHA 0.58       0        -        -        -      -          -        -");
        assertThat(comparison.table().getLast()).isEqualTo("FAILED  frozen, mha: status 1, 1 of 2 told nothing");
    }

    @Test
    void the_json_holds_every_run() throws Exception {
        Comparison comparison = new Comparison("MHA 0.58",
                List.of(new Comparison.Row("crash", List.of(back(400, "db2")), List.of(GIVEN_UP), List.of("no"))));

        JsonNode fault = new ObjectMapper().readTree(comparison.json()).path("faults").path(0);

        assertThat(fault.path("fault").asText()).isEqualTo("crash");
        assertThat(fault.path("ratio").asText()).isEqualTo(">= 300.0");
        assertThat(fault.path("switchman").path("medianMillis").asLong()).isEqualTo(400);
        assertThat(PeerOutage.parse(fault.path("peer").path("runs").path(0))).isEqualTo(GIVEN_UP);
        assertThat(fault.path("failed").path(0).asText()).isEqualTo("no");
    }

    /** A peer that leaves two writable servers tells about itself; Switchman must not. */
    @Test
    void it_is_good_when_switchman_came_back_with_one_writable_server_and_every_run_told_something() {
        List<PeerOutage> ours = List.of(back(400, "db2"));

        assertThat(comparison(ours, List.of(GIVEN_UP), List.of()).good()).isTrue();
        assertThat(comparison(ours, List.of(), List.of("crash, mha: status 1")).good()).isFalse();
        assertThat(comparison(List.of(back(400, "db1", "db2")), ours, List.of()).good()).isFalse();
        assertThat(comparison(List.of(GIVEN_UP), ours, List.of()).good()).isFalse();
    }

    private static Comparison comparison(List<PeerOutage> switchman, List<PeerOutage> peer, List<String> failures) {
        return new Comparison("MHA 0.58", List.of(new Comparison.Row("crash", switchman, peer, failures)));
    }

    @Test
    void the_command_line_is_understood() {
        assertThat(Bench.parse(List.of())).isEqualTo(
                new Bench.Options(List.of("crash", "salvage", "silent", "frozen", "planned"), 5, false, false, 0, 10,
                        "standard", false));
        assertThat(Bench.parse(List.of("--peer", "mha", "--fault=planned", "--runs", "2", "--json")))
                .isEqualTo(new Bench.Options(List.of("planned"), 2, true, true, 0, 10, "standard", false));
        assertThat(Bench.parse(List.of("--watch", "100", "--preset=mha")).preset()).isEqualTo("mha");
        assertThat(Bench.parse(List.of("--pages")).runs()).isEqualTo(10_000);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"--peer=orchestrator|--peer is mha, not \"orchestrator\"",
            "--peer|--peer is mha, not \"\"", "--runs=0|--runs is a number from 1 to 1000, not \"0\"",
            "--preset=slow|--preset is one of fast, standard, mha, not \"slow\"",
            "--fault=fire|--fault is one of crash, salvage, silent, frozen, planned, all, not \"fire\"",
            "--pear=mha|unknown option \"--pear=mha\"; usage: ./switchman bench"})
    void a_wrong_word_is_named(String argument, String message) {
        assertThatThrownBy(() -> Bench.parse(List.of(argument))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }
}
