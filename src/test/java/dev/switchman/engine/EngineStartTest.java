package dev.switchman.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;

import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.impl.jobexecutor.JobExecutor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

import dev.switchman.fleet.FakeJournal;
import dev.switchman.runbook.People;
import dev.switchman.runbook.Roster;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;
import dev.switchman.topology.ClusterName;

import static org.assertj.core.api.Assertions.assertThat;

class EngineStartTest {

    private static final Logger LOG = LoggerFactory.getLogger(EngineStartTest.class);

    @TempDir
    Path data;

    @Test
    void aRunWhoseManagerDiedGoesOnAtTheNextStart() throws Exception {
        ClusterName cluster = new ClusterName("c0");
        FakeJournal journal = new FakeJournal(Clock.systemUTC());
        RunId run;
        try (ProbeEngine first = ProbeEngine.start(journal, "switchman.data=" + data)) {
            first.get(JobExecutor.class).shutdown();
            run = first.started(Runbook.FAILOVER, cluster);
            int locked = first.get(JdbcTemplate.class)
                    .update("update ACT_RU_JOB set LOCK_OWNER_ = 'dead', LOCK_EXP_TIME_ = ?",
                            Timestamp.from(Instant.now().plus(Duration.ofMinutes(30))));
            assertThat(locked).isEqualTo(1);
            assertThat(journal.outcomes(run.value())).isEmpty();
        }
        assertThat(Files.exists(data.resolve("store.mv.db"))).isTrue();

        Instant begin = Instant.now();
        try (ProbeEngine second = ProbeEngine.start(journal, "switchman.data=" + data)) {
            LOG.warn("start on an existing store: {} ms", Duration.between(begin, Instant.now()).toMillis());
            assertThat(journal.ended(run.value()).ending()).contains("DONE");
            LOG.warn("run ended {} ms after the start began", Duration.between(begin, Instant.now()).toMillis());
            second.untilGone(run);
            assertThat(second.get(RepositoryService.class).createDeploymentQuery().count()).isEqualTo(1);
        }
    }

    @Test
    void aRunThatTheStoreDoesNotHaveIsEndedInTheJournal() {
        FakeJournal journal = new FakeJournal(Clock.systemUTC());
        journal.runStarted("gone", new ClusterName("c0"), "failover", "monitor", "", Instant.EPOCH);

        try (ProbeEngine engine = ProbeEngine.start(journal, "switchman.data=" + data)) {
            assertThat(journal.run("gone").orElseThrow().ending()).contains("FAILED");
        }
    }

    /** HTTP answers before the first administrator is made. */
    @Test
    void inANewStorePeopleCanBeAddedBeforeThereIsAnAdministrator() {
        try (ProbeEngine engine = ProbeEngine.start(new FakeJournal(Clock.systemUTC()), "switchman.data=" + data)) {
            assertThat(engine.get(Roster.class)
                    .add("anna", EnumSet.allOf(People.Role.class), Optional.empty(), "Long-enough-4-the-policy"))
                    .isInstanceOf(Roster.Changed.Done.class);
            assertThat(engine.get(People.class).login("anna", "Long-enough-4-the-policy"))
                    .contains(new People.Person("anna", EnumSet.allOf(People.Role.class)));
        }
    }
}
