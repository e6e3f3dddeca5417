package dev.switchman.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import dev.switchman.audit.Journal;
import dev.switchman.audit.Journals;
import dev.switchman.config.ServerSettings;
import dev.switchman.fleet.ManualClock;
import dev.switchman.topology.ClusterName;

import static org.assertj.core.api.Assertions.assertThat;

class JournalUpkeepTest {

    private static final Instant LONG_AGO = Instant.parse("2019-11-22T23:00:00Z");
    private static final Instant EVENING = Instant.parse("2026-11-23T22:00:00Z");

    @TempDir
    Path folder;

    private final ManualClock clock = new ManualClock(LONG_AGO);
    private final JdbcConnectionPool pool = JdbcConnectionPool.create("jdbc:h2:mem:upkeep", "", "");
    private final Journal journal = Journals.over(pool, clock);
    private final AtomicBoolean busy = new AtomicBoolean();

    @AfterEach
    void close() throws Exception {
        ((AutoCloseable) journal).close();
        pool.dispose();
    }

    private JournalUpkeep upkeep(Optional<Period> keep) {
        return new JournalUpkeep(journal, busy::get,
                new ServerSettings.Audit(keep, Optional.of(folder.resolve("heads"))), clock, ZoneOffset.UTC);
    }

    private void runs(int count) {
        for (int i = 0; i < count; i++) {
            String run = "run" + i;
            journal.runStarted(run, new ClusterName("shop"), "rejoin", "anna", "it is back", clock.instant());
            journal.runEnded(run, "DONE", "report", clock.instant().plusSeconds(1));
        }
    }

    private int left() {
        return journal.runs(Optional.empty(), 1_000).size();
    }

    private List<String> heads() throws Exception {
        return Files.readAllLines(folder.resolve("heads"));
    }

    @Test
    void what_is_too_old_goes_at_night_while_no_run_is_at_work() {
        runs(50);
        clock.advance(Duration.between(LONG_AGO, EVENING));
        JournalUpkeep upkeep = upkeep(Optional.of(Period.ofYears(7)));

        upkeep.tick();
        assertThat(left()).as("in the evening").isEqualTo(50);
        clock.advance(Duration.ofHours(5));
        busy.set(true);
        upkeep.tick();
        assertThat(left()).as("while a run is at work").isEqualTo(50);
        busy.set(false);
        upkeep.tick();

        assertThat(left()).isZero();
        assertThat(journal.verify(Optional.empty()).whole()).isTrue();
        assertThat(journal.verify(Optional.empty()).purged().orElseThrow().policy()).isEqualTo("audit.keep=7y");
    }

    @Test
    void what_is_not_too_old_stays_and_without_a_limit_everything_does() {
        runs(3);
        clock.advance(Duration.between(LONG_AGO, EVENING).plusHours(5));

        upkeep(Optional.of(Period.ofYears(8))).tick();
        upkeep(Optional.empty()).tick();

        assertThat(left()).isEqualTo(3);
    }

    @Test
    void the_log_has_the_head_whether_there_is_a_file_or_not() {
        runs(1);
        ListAppender<ILoggingEvent> said = new ListAppender<>();
        said.start();
        Logger log = (Logger) LoggerFactory.getLogger(JournalUpkeep.class);
        log.setLevel(Level.INFO);
        log.addAppender(said);
        try {
            new JournalUpkeep(journal, busy::get, new ServerSettings.Audit(Optional.empty(), Optional.empty()), clock,
                    ZoneOffset.UTC).tick();
        } finally {
            log.detachAppender(said);
        }

        assertThat(said.list).extracting(ILoggingEvent::getFormattedMessage)
                .contains("the journal's head is " + journal.head());
    }

    @Test
    void the_head_is_appended_at_the_start_every_day_and_after_a_purge() throws Exception {
        runs(1);
        String first = journal.head();
        clock.advance(Duration.between(LONG_AGO, EVENING));
        JournalUpkeep upkeep = upkeep(Optional.of(Period.ofYears(7)));

        upkeep.tick();
        upkeep.tick();
        assertThat(heads()).containsExactly("2026-11-23T22:00:00Z " + first);
        clock.advance(Duration.ofHours(5));
        upkeep.tick();
        upkeep.tick();

        assertThat(heads()).containsExactly("2026-11-23T22:00:00Z " + first,
                "2026-11-24T03:00:00Z " + journal.head() + " purged until now 2 lines of 1 runs, the last of"
                        + " 2019-11-22T23:00:01Z, under audit.keep=7y; head before the first that is kept " + first,
                "2026-11-24T03:00:00Z " + journal.head());
    }

    @Test
    void a_file_that_cannot_be_written_keeps_nothing_else_from_being_done() throws Exception {
        runs(1);
        Files.createDirectory(folder.resolve("heads"));
        clock.advance(Duration.between(LONG_AGO, EVENING).plusHours(5));
        JournalUpkeep upkeep = upkeep(Optional.of(Period.ofYears(7)));

        upkeep.tick();
        assertThat(left()).isZero();
        Files.delete(folder.resolve("heads"));
        upkeep.tick();

        assertThat(heads()).hasSize(1);
    }
}
