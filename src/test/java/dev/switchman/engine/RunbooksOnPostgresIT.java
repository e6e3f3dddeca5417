package dev.switchman.engine;

import java.util.Map;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import dev.switchman.PostgresServer;
import dev.switchman.fleet.FakeFleet;
import dev.switchman.fleet.FakeFleet.Written;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;

import static org.assertj.core.api.Assertions.assertThat;

/** The engine over PostgreSQL: its tables, its transactions, and what a second manager finds there. */
class RunbooksOnPostgresIT {

    private static final RunbookStage.World WORLD = new RunbookStage.World();
    private static String store = "";
    private static RunbookStage stage;

    private final FakeFleet fleet = FakeFleet.of("db1", "db2", "db3");

    @BeforeAll
    static void open() {
        store = PostgresServer.newDatabase().bare();
        stage = RunbookStage.startOver(WORLD, store, PostgresServer.USER);
    }

    @AfterAll
    static void close() {
        stage.close();
    }

    @Test
    void aFailoverGoesOnWhereAnotherManagerLeftIt() {
        stage.with(fleet);
        fleet.crash("db1");
        RunId run = stage.start(Runbook.FAILOVER, "monitor", Map.of());
        stage.upTo(run, "Catch up candidate");

        try (RunbookStage other = RunbookStage.startOver(WORLD, store, PostgresServer.USER)) {
            other.goOn();
        }

        assertDone(run);
        assertThat(fleet.write("db1")).isNotInstanceOf(Written.Acknowledged.class);
    }

    @Test
    void aSwitchoverIsRemembered() {
        stage.with(fleet);
        RunId run = stage.start(Runbook.SWITCHOVER, "alice", Map.of());
        stage.goOn();
        if (stage.journal().run(run.value()).orElseThrow().endedAt().isEmpty()) {
            stage.answer(run, true);
        }

        assertDone(run);
        assertThat(stage.passed(run)).contains("Task_OpenCandidate_InSection");
    }

    private void assertDone(RunId run) {
        assertThat(stage.journal().run(run.value()).orElseThrow().ending()).contains(Ending.DONE.name());
        assertThat(fleet.writeThroughAddress()).isInstanceOf(Written.Acknowledged.class);
    }
}
