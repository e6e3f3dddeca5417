package dev.switchman.audit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.switchman.audit.Journal.Entry;
import dev.switchman.audit.Journal.RunRecord;
import dev.switchman.audit.Journal.Wanted;
import dev.switchman.topology.Action;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.NodeId;

import static java.time.temporal.ChronoUnit.MICROS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class JournalTest {

    private static final Instant NOW = Instant.parse("2026-11-22T10:15:30.123456Z");
    private static final ClusterName SHOP = new ClusterName("shop");
    private static final NodeId DB1 = NodeId.of("db1", 3306);

    @TempDir
    Path directory;

    private HikariDataSource pool;
    private Journal journal;

    /** @return of a store that is empty when the test begins */
    String url() {
        return "jdbc:h2:file:" + directory.resolve("store") + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE";
    }

    @BeforeEach
    void open() {
        pool = new HikariDataSource();
        pool.setJdbcUrl(url());
        pool.setMaximumPoolSize(3);
        journal = Journals.over(pool, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    @AfterEach
    void close() throws Exception {
        ((AutoCloseable) journal).close();
        pool.close();
    }

    @Test
    void a_run_is_read_as_it_was_written() {
        journal.runStarted("r1", SHOP, "failover", "monitor", "db1:3306 has crashed", NOW);

        assertThat(journal.run("r1")).contains(new RunRecord("r1", SHOP, "failover", "monitor", "db1:3306 has crashed",
                NOW, Optional.empty(), Optional.empty(), Optional.empty()));
        assertThat(journal.run("r2")).isEmpty();
    }

    @Test
    void an_ended_run_keeps_its_first_ending() {
        journal.runStarted("r1", SHOP, "failover", "monitor", "crash", NOW);

        journal.runEnded("r1", "DONE", "report\nof two lines", NOW.plusSeconds(2));
        journal.runEnded("r1", "FAILED", "late", NOW.plusSeconds(9));

        RunRecord run = journal.run("r1").orElseThrow();
        assertThat(run.endedAt()).contains(NOW.plusSeconds(2));
        assertThat(run.ending()).contains("DONE");
        assertThat(run.report()).contains("report\nof two lines");
    }

    @Test
    void a_run_that_never_started_cannot_end() {
        assertThatThrownBy(() -> journal.runEnded("ghost", "DONE", "", NOW)).hasMessageContaining("ghost");
    }

    @Test
    void starting_a_run_again_changes_nothing() {
        journal.runStarted("r1", SHOP, "failover", "monitor", "crash", NOW);
        journal.runStarted("r1", SHOP, "failover", "monitor", "again", NOW.plusSeconds(1));

        assertThat(journal.run("r1").orElseThrow().cause()).isEqualTo("crash");
    }

    @Test
    void runs_come_newest_first_of_one_cluster_or_of_all() {
        journal.runStarted("r1", SHOP, "failover", "monitor", "1", NOW);
        journal.runStarted("r2", new ClusterName("crm"), "failover", "monitor", "2", NOW.plusSeconds(1));
        journal.runStarted("r3", SHOP, "quarantine", "monitor", "3", NOW.plusSeconds(2));

        assertThat(journal.runs(Optional.empty(), 2)).extracting(RunRecord::run).containsExactly("r3", "r2");
        assertThat(journal.runs(Optional.of(SHOP), 10)).extracting(RunRecord::run).containsExactly("r3", "r1");
        assertThatThrownBy(() -> journal.runs(Optional.empty(), 0)).hasMessageContaining("0");
    }

    @Test
    void runs_are_found_by_what_is_wanted_of_them() {
        ClusterName crm = new ClusterName("crm");
        journal.runStarted("r1", SHOP, "failover", "monitor", "1", NOW);
        journal.runStarted("r2", crm, "switchover", "anna", "2", NOW.plusSeconds(1));
        journal.runStarted("r3", SHOP, "switchover", "bert", "3", NOW.plusSeconds(2));
        journal.runEnded("r1", "DONE", "report", NOW.plusSeconds(3));
        journal.runEnded("r2", "REFUSED", "report", NOW.plusSeconds(4));
        Optional<String> any = Optional.empty();
        Optional<Instant> ever = Optional.empty();

        assertThat(found(Wanted.ALL)).containsExactly("r3", "r2", "r1");
        assertThat(found(Wanted.ALL.of(crm))).containsExactly("r2");
        assertThat(found(new Wanted(Optional.empty(), Optional.of("switchover"), any, any, false, ever, ever)))
                .containsExactly("r3", "r2");
        assertThat(found(new Wanted(Optional.empty(), any, Optional.of("anna"), any, false, ever, ever)))
                .containsExactly("r2");
        assertThat(found(new Wanted(Optional.empty(), any, any, Optional.of("DONE"), false, ever, ever)))
                .containsExactly("r1");
        assertThat(found(new Wanted(Optional.empty(), any, any, any, true, ever, ever))).containsExactly("r3");
        assertThat(found(new Wanted(Optional.empty(), any, any, any, false, Optional.of(NOW.plusSeconds(1)),
                Optional.of(NOW.plusSeconds(2))))).containsExactly("r2");
    }

    private List<String> found(Wanted wanted) {
        return journal.runs(wanted, 10).stream().map(RunRecord::run).toList();
    }

    @Test
    void a_step_holds_what_was_done_under_it_in_order() {
        Journal.StepEntry step = journal.stepBegins("r1", "fenceOldPrimary", "Takes write access", NOW);
        journal.acted(action("SET GLOBAL super_read_only=1"));
        journal.note("r1", "set", "a:1-5");
        step.ended("DONE", "3 sessions ended", Duration.ofMillis(7));

        assertThat(journal.entries("r1")).containsExactly(
                new Entry.StepBegan(NOW, "fenceOldPrimary", "Takes write access"),
                new Entry.Acted(NOW, "fenceOldPrimary", action("SET GLOBAL super_read_only=1")),
                new Entry.Noted(NOW, "fenceOldPrimary", "set", "a:1-5"),
                new Entry.StepEnded(NOW, "fenceOldPrimary", "DONE", "3 sessions ended", Duration.ofMillis(7)));
    }

    @Test
    void virtual_threads_of_a_step_act_under_it() throws Exception {
        Journal.StepEntry step = journal.stepBegins("r1", "repointReplicas", "Repoints", NOW);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            IntStream.range(0, 50).forEach(i -> all.add(threads.submit(() -> journal.acted(action("CHANGE " + i)))));
            for (Future<?> one : all) {
                one.get();
            }
        }
        step.ended("DONE", "", Duration.ZERO);

        assertThat(acted("r1")).extracting(entry -> entry.action().text())
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 50).mapToObj(i -> "CHANGE " + i).toList());
        assertThat(acted("r1")).extracting(Entry.Acted::step).containsOnly("repointReplicas");
    }

    @Test
    void steps_of_two_runs_at_once_do_not_mix() throws Exception {
        CountDownLatch bothBegan = new CountDownLatch(2);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = Stream.of("r1", "r2").<Future<?>>map(run -> threads.submit(() -> {
                Journal.StepEntry step = journal.stepBegins(run, "step-" + run, "", NOW);
                bothBegan.countDown();
                bothBegan.await();
                for (int i = 0; i < 300; i++) {
                    journal.acted(action(run + " " + i));
                }
                step.ended("DONE", "", Duration.ZERO);
                return run;
            })).toList();
            for (Future<?> one : all) {
                one.get();
            }
        }

        for (String run : List.of("r1", "r2")) {
            assertThat(acted(run)).extracting(entry -> entry.action().text())
                    .containsExactlyElementsOf(
                            IntStream.range(0, 300).mapToObj(i -> run + " " + i).toList());
        }
    }

    @Test
    void what_is_done_outside_of_a_step_or_after_it_is_not_recorded() {
        journal.acted(action("before"));
        Journal.StepEntry step = journal.stepBegins("r1", "s", "", NOW);
        step.ended("DONE", "", Duration.ZERO);
        journal.acted(action("after"));

        assertThat(acted("r1")).isEmpty();
        assertThatThrownBy(() -> step.ended("DONE", "", Duration.ZERO)).hasMessageContaining("has ended already");
    }

    @Test
    void a_remark_on_a_run_without_a_step_stands_alone() {
        journal.note("r1", "policy", "act: everybody has lost it");

        assertThat(journal.entries("r1"))
                .containsExactly(new Entry.Noted(NOW, "", "policy", "act: everybody has lost it"));
    }

    @Test
    void an_intent_is_in_the_store_when_the_call_returns_and_survives_a_reopening() throws Exception {
        journal.runStarted("r1", SHOP, "failover", "monitor", "crash", NOW);
        journal.stepBegins("r1", "openForWrites", "Opens", NOW);
        try (Connection other = pool.getConnection();
                var rows = other.createStatement().executeQuery("select count(*) from SM_ENTRY where KIND = 'BEGAN'")) {
            rows.next();
            assertThat(rows.getInt(1)).isEqualTo(1);
        }

        close();
        open();

        assertThat(journal.run("r1")).isPresent();
        assertThat(journal.entries("r1")).containsExactly(new Entry.StepBegan(NOW, "openForWrites", "Opens"));
    }

    @Test
    void long_and_strange_texts_are_kept() {
        String set = "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5,\n".repeat(20_000) + "ü\u20ac";
        journal.note("r1", "set", set);
        journal.note("r1", "nul", "a\u0000b");

        assertThat(journal.entries("r1")).containsExactly(new Entry.Noted(NOW, "", "set", set),
                new Entry.Noted(NOW, "", "nul", "a\\0b"));
    }

    @Test
    void a_store_that_refuses_is_told_of() throws Exception {
        try (Connection other = pool.getConnection(); var statement = other.createStatement()) {
            statement.execute("drop table SM_ENTRY");
        }

        assertThatThrownBy(() -> journal.stepBegins("r1", "s", "", NOW)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("journal")
                .message()
                .containsIgnoringCase("SM_ENTRY");
    }

    @Test
    void one_bad_line_does_not_take_others_with_it() throws Exception {
        Journal.StepEntry step = journal.stepBegins("r1", "s", "", NOW);
        try (Connection other = pool.getConnection(); var statement = other.createStatement()) {
            statement.execute("alter table SM_ENTRY add constraint NO_BAD check (CONTENT <> 'bad')");
        }
        for (String text : List.of("one", "bad", "two")) {
            journal.acted(action(text));
        }
        step.ended("DONE", "", Duration.ZERO);

        assertThat(acted("r1")).extracting(entry -> entry.action().text()).containsExactly("one", "two");
    }

    @Test
    void secrets_never_reach_the_store() throws Exception {
        Journal.StepEntry step = journal.stepBegins("r1", "s", "login with password=hunter2", NOW);
        journal.acted(new Action(DB1, Action.Channel.SQL,
                "CHANGE REPLICATION SOURCE TO SOURCE_USER='repl', SOURCE_PASSWORD='hunt''er2', SOURCE_PORT=3306",
                Duration.ZERO, "MASTER_PASSWORD = \"hunter2\""));
        journal.note("r1", "account", "CREATE USER x IDENTIFIED WITH caching_sha2_password BY 'hunter2'");
        step.ended("DONE", "Authorization: Bearer hunter2", Duration.ZERO);
        journal.runStarted("r1", SHOP, "failover", "monitor", "pwd: hunter2", NOW);
        journal.runEnded("r1", "DONE", "MYSQL_PWD=hunter2", NOW);
        close();

        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1))
                        .doesNotContain("hunter2", "hunt''er2");
            }
        }
        open();
        assertThat(acted("r1").getFirst().action().text())
                .isEqualTo(
                        "CHANGE REPLICATION SOURCE TO SOURCE_USER='repl', SOURCE_PASSWORD='******', SOURCE_PORT=3306");
    }

    @Test
    void times_are_kept_to_the_microsecond() {
        Instant precise = Instant.parse("2026-11-22T10:15:30.123456789Z");
        journal.runStarted("r1", SHOP, "failover", "monitor", "crash", precise);

        assertThat(journal.run("r1").orElseThrow().startedAt()).isEqualTo(precise.truncatedTo(MICROS));
    }

    /** A run with a line of each kind, and one that goes on. */
    private void lines() {
        journal.runStarted("r1", SHOP, "failover", "monitor", "db1:3306 has crashed, password=hunter2", NOW);
        Journal.StepEntry step = journal.stepBegins("r1", "openPrimary", "Opens", NOW);
        journal.acted(action("SET GLOBAL read_only = 0"));
        journal.note("r1", "opened", "db2:3306");
        step.ended("DONE", "db2:3306 is open", Duration.ofMillis(12));
        journal.runEnded("r1", "DONE", "report, pwd: hunter2", NOW.plusSeconds(2));
        journal.runStarted("r2", SHOP, "rejoin", "anna", "it is back", NOW.plusSeconds(3));
    }

    private void sql(String statement) throws Exception {
        try (Connection other = pool.getConnection(); var one = other.createStatement()) {
            assertThat(one.executeUpdate(statement)).as(statement).isPositive();
        }
    }

    private List<String> problems() {
        return journal.verify(Optional.empty()).problems();
    }

    @Test
    void what_nobody_touched_is_whole_and_stays_so_over_a_reopening() throws Exception {
        assertThat(journal.verify(Optional.empty()).whole()).isTrue();
        lines();
        String head = journal.head();
        close();
        open();
        assertThat(journal.head()).isEqualTo(head);
        journal.runEnded("r2", "BLOCKED", "report", NOW.plusSeconds(4));

        Verification found = journal.verify(Optional.of(head));

        assertThat(found.problems()).isEmpty();
        assertThat(found.sent()).contains(true);
        assertThat(found.whole()).isTrue();
        assertThat(found.lines()).isEqualTo(8);
        assertThat(found.earlier()).isZero();
        assertThat(found.head()).isEqualTo(journal.head()).isNotEqualTo(head).matches("[0-9a-f]{64}");
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "update SM_ENTRY set CONTENT = 'SET GLOBAL read_only = 1' where KIND = 'ACTED'",
            "update SM_ENTRY set ANSWER = 'error' where KIND = 'ACTED'",
            "update SM_ENTRY set TOOK_MICROS = 1 where KIND = 'ENDED'",
            "update SM_ENTRY set NODE = 'db3:3306' where KIND = 'ACTED'",
            "update SM_ENTRY set RUN_ID = 'r2' where KIND = 'NOTED'",
            "update SM_ENTRY set LABEL = 'openeddb2', CONTENT = ':3306' where KIND = 'NOTED'",
            "update SM_ENTRY set LINK = null where KIND = 'NOTED'",
            "delete from SM_ENTRY where KIND = 'NOTED'",
            "delete from SM_ENTRY where ID = (select min(ID) from SM_ENTRY)",
            "update SM_RUN set STARTED_BY = 'bert' where RUN_ID = 'r2'",
            "update SM_RUN set CAUSE = 'none' where RUN_ID = 'r1'",
            "update SM_RUN set REPORT = 'all went well' where RUN_ID = 'r1'",
            "update SM_RUN set ENDING = 'FAILED' where RUN_ID = 'r1'",
            "update SM_RUN set ENDED_AT = STARTED_AT, ENDING = 'DONE', REPORT = 'x' where RUN_ID = 'r2'",
            "delete from SM_RUN where RUN_ID = 'r2'",
            "insert into SM_RUN select 'r3', CLUSTER_NAME, RUNBOOK, STARTED_BY, CAUSE, STARTED_AT, ENDED_AT, ENDING,"
                    + " REPORT from SM_RUN where RUN_ID = 'r2'"})
    void whatever_is_changed_afterwards_shows(String change) throws Exception {
        lines();

        sql(change);

        assertThat(problems()).isNotEmpty();
    }

    @Test
    void what_is_written_meanwhile_is_no_problem() throws Exception {
        try (ExecutorService writer = Executors.newSingleThreadExecutor()) {
            Future<?> writing = writer.submit(() -> IntStream.range(0, 300).forEach(i -> {
                journal.runStarted("run" + i, SHOP, "rejoin", "anna", "again", NOW.plusSeconds(i));
                journal.runEnded("run" + i, "DONE", "report", NOW.plusSeconds(i));
            }));
            do {
                assertThat(problems()).isEmpty();
            } while (!writing.isDone());
            writing.get();
        }
    }

    /** Nothing in the store can show that its end was cut off: the head that was sent out can. */
    @Test
    void what_was_cut_off_at_the_end_shows_by_the_head_that_was_sent_out() throws Exception {
        lines();
        String head = journal.head();
        sql("delete from SM_ENTRY where RUN_ID = 'r2'");
        sql("delete from SM_RUN where RUN_ID = 'r2'");

        Verification found = journal.verify(Optional.of(head));

        assertThat(found.problems()).isEmpty();
        assertThat(found.sent()).contains(false);
        assertThat(found.whole()).isFalse();
    }

    @Test
    void lines_of_an_earlier_version_are_counted_and_nothing_is_said_of_them() throws Exception {
        lines();
        sql("update SM_ENTRY set LINK = null");
        sql("delete from SM_ENTRY where KIND in ('STARTED', 'FINISHED')");
        close();
        open();
        journal.runEnded("r2", "DONE", "report", NOW.plusSeconds(8));
        journal.runStarted("r3", SHOP, "rejoin", "anna", "again", NOW.plusSeconds(9));

        Verification found = journal.verify(Optional.empty());

        assertThat(found.problems()).isEmpty();
        assertThat(found.earlier()).isEqualTo(4);
        assertThat(found.lines()).isEqualTo(2);
    }

    @Test
    void a_line_that_could_not_be_written_leaves_no_gap() throws Exception {
        Journal.StepEntry step = journal.stepBegins("r1", "s", "", NOW);
        try (Connection other = pool.getConnection(); var statement = other.createStatement()) {
            statement.execute("alter table SM_ENTRY add constraint NO_BAD check (CONTENT <> 'bad')");
        }
        List.of("one", "bad", "two").forEach(text -> journal.acted(action(text)));
        step.ended("DONE", "", Duration.ZERO);

        assertThat(problems()).isEmpty();
    }

    private List<Entry.Acted> acted(String run) {
        return journal.entries(run)
                .stream()
                .filter(Entry.Acted.class::isInstance)
                .map(Entry.Acted.class::cast)
                .toList();
    }

    private static Action action(String text) {
        return new Action(DB1, Action.Channel.SQL, text, Duration.ofMillis(3), "OK");
    }

    // ---- retention ----

    private static final Instant LONG_AGO = NOW.minus(Duration.ofDays(3_000));
    private static final Instant LIMIT = NOW.minus(Duration.ofDays(2_555));

    /** A run with four lines, or three while it goes on. */
    private void run(String name, Instant from, boolean ended) {
        journal.runStarted(name, SHOP, "rejoin", "anna", "it is back", from);
        journal.stepBegins(name, "followPrimary", "Follows", from).ended("DONE", "follows", Duration.ofMillis(12));
        if (ended) {
            journal.runEnded(name, "DONE", "report of " + name, from.plusSeconds(2));
        }
    }

    private List<String> listed() {
        return journal.runs(Optional.empty(), 100).stream().map(RunRecord::run).toList();
    }

    @Test
    void old_runs_are_purged_from_the_beginning_and_the_rest_still_fits() throws Exception {
        run("r1", LONG_AGO, true);
        run("r2", LONG_AGO.plusSeconds(60), true);
        String early = journal.head();
        run("r3", NOW.minusSeconds(60), true);
        String late = journal.head();

        Purged purged = journal.purge("audit.keep=7y", LIMIT, 10).orElseThrow();

        assertThat(purged).isEqualTo(new Purged(8, 2, NOW, "audit.keep=7y", NOW, early));
        assertThat(listed()).containsExactly("r3");
        assertThat(journal.entries("r1")).isEmpty();
        assertThat(journal.entries("r3")).hasSize(2);
        Verification found = journal.verify(Optional.of(late));
        assertThat(found.problems()).isEmpty();
        assertThat(found.whole()).isTrue();
        assertThat(found.lines()).isEqualTo(5);
        assertThat(found.purged()).contains(purged);
        assertThat(journal.verify(Optional.of(early)).sent()).as("the link that the anchor keeps").contains(true);
        assertThat(journal.purge("audit.keep=7y", LIMIT, 10)).as("again").isEmpty();
        close();
        open();
        run("r4", NOW, true);
        assertThat(problems()).isEmpty();
    }

    @Test
    void so_many_go_in_a_pass_and_the_next_goes_on_from_there() {
        for (int i = 0; i < 5; i++) {
            run("r" + i, LONG_AGO.plusSeconds(60 * i), true);
        }

        assertThat(journal.purge("audit.keep=7y", LIMIT, 2)).map(Purged::runs).contains(2L);
        assertThat(problems()).isEmpty();
        assertThat(journal.purge("audit.keep=7y", LIMIT, 2)).map(Purged::runs).contains(4L);
        assertThat(problems()).isEmpty();
        assertThat(journal.purge("audit.keep=8y", LIMIT, 2)).map(Purged::lines).contains(20L);
        assertThat(problems()).isEmpty();
        assertThat(listed()).isEmpty();
        assertThat(journal.verify(Optional.empty()).purged()).map(Purged::policy).contains("audit.keep=8y");
    }

    @Test
    void neither_a_run_that_goes_on_is_purged_nor_one_that_was_written_after_its_beginning() {
        run("r1", LONG_AGO, true);
        run("waits", LONG_AGO.plusSeconds(10), false);
        run("r2", LONG_AGO.plusSeconds(20), true);

        assertThat(journal.purge("audit.keep=7y", LIMIT, 10)).map(Purged::runs).contains(1L);

        assertThat(listed()).containsExactly("r2", "waits");
        assertThat(problems()).isEmpty();
    }

    @Test
    void entangled_runs_go_together_or_stay_together() {
        run("a", LONG_AGO, false);
        run("b", LONG_AGO.plusSeconds(1), false);
        run("c", LONG_AGO.plusSeconds(2), false);
        journal.runEnded("b", "DONE", "", LONG_AGO.plusSeconds(3));
        journal.runEnded("a", "DONE", "", LONG_AGO.plusSeconds(4));
        journal.runEnded("c", "DONE", "", LONG_AGO.plusSeconds(5));
        run("d", LONG_AGO.plusSeconds(6), false);
        run("young", NOW, true);
        journal.runEnded("d", "DONE", "", LONG_AGO.plusSeconds(7));

        assertThat(journal.purge("audit.keep=7y", LIMIT, 1)).map(Purged::runs).contains(3L);

        assertThat(listed()).containsExactly("young", "d");
        assertThat(journal.purge("audit.keep=7y", LIMIT, 1)).isEmpty();
        assertThat(problems()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "delete from SM_ENTRY where KIND = 'PURGED'",
            "update SM_ENTRY set ANSWER = '" + "0000000000000000000000000000000000000000000000000000000000000000"
                    + "' where KIND = 'PURGED'",
            "update SM_ENTRY set LABEL = 'audit.keep=1y' where KIND = 'PURGED'",
            "update SM_ENTRY set CONTENT = 'nothing' where KIND = 'PURGED'",
            "update SM_ENTRY set CONTENT = replace(CONTENT, '8 lines', '9 lines') where KIND = 'PURGED'",
            "delete from SM_ENTRY where ID = (select min(ID) from SM_ENTRY)",
            "delete from SM_ENTRY where RUN_ID = 'r3'"})
    void whatever_is_changed_at_what_stands_for_purged_lines_shows(String change) throws Exception {
        run("r1", LONG_AGO, true);
        run("r2", LONG_AGO, true);
        run("r3", NOW, true);
        run("r4", NOW, true);
        journal.purge("audit.keep=7y", LIMIT, 10);
        assertThat(problems()).isEmpty();

        sql(change);

        assertThat(problems()).isNotEmpty();
    }

    @Test
    void what_was_changed_is_not_purged() throws Exception {
        run("r1", LONG_AGO, true);
        run("r2", LONG_AGO, true);
        sql("update SM_ENTRY set CONTENT = 'did not' where RUN_ID = 'r2' and KIND = 'ENDED'");

        assertThatThrownBy(() -> journal.purge("audit.keep=7y", LIMIT, 10)).hasMessageContaining("run r2")
                .hasMessageContaining("nothing is purged");
        assertThat(listed()).contains("r1", "r2");
    }

    @Test
    void runs_are_counted_for_good_and_steps_since_the_start() throws Exception {
        run("r1", LONG_AGO, true);
        run("r2", LONG_AGO, true);
        run("r3", NOW, true);
        run("r4", NOW, false);
        Counts.Runs three = new Counts.Runs(SHOP, "rejoin", "DONE", 3);
        assertThat(journal.counts()).isEqualTo(new Counts(List.of(three),
                List.of(new Counts.Steps("rejoin", "followPrimary", "DONE", 4, Duration.ofMillis(48)))));
        journal.purge("audit.keep=7y", LIMIT, 1);
        journal.purge("audit.keep=7y", LIMIT, 1);
        assertThat(journal.counts().runs()).containsExactly(three);

        close();
        open();

        assertThat(journal.counts()).isEqualTo(new Counts(List.of(three), List.of()));
        journal.runEnded("r4", "DONE", "", NOW);
        assertThat(journal.counts().runs()).containsExactly(new Counts.Runs(SHOP, "rejoin", "DONE", 4));
    }
}
