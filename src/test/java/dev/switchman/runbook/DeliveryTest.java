package dev.switchman.runbook;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import dev.switchman.ExampleClusters;
import dev.switchman.fleet.FakeJournal;
import dev.switchman.fleet.FakeNotifier;
import dev.switchman.fleet.ManualClock;
import dev.switchman.memory.Memories;
import dev.switchman.memory.Outbox;
import dev.switchman.notify.HttpReceiver;
import dev.switchman.notify.Notice;
import dev.switchman.notify.Notifier;
import dev.switchman.notify.Notifiers;
import dev.switchman.notify.Webhooks;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Host;
import dev.switchman.topology.MailSettings;
import dev.switchman.topology.Receiver;
import dev.switchman.topology.Secret;
import dev.switchman.topology.Severity;

import static org.assertj.core.api.Assertions.assertThat;

/** Against real HTTP servers of this machine and a real store. Pauses put the clock forward. */
class DeliveryTest {

    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final String RUN = "42";

    private final ManualClock clock = new ManualClock(NOON);
    private final FakeJournal journal = new FakeJournal(clock);
    private final JdbcConnectionPool store = JdbcConnectionPool.create("jdbc:h2:mem:" + UUID.randomUUID()
            + ";DB_CLOSE_DELAY=-1", "", "");
    private final Outbox outbox = Memories.outbox(store);
    private final Webhooks webhooks = Notifiers.overHttp(clock);
    private final List<Runnable> later = new ArrayList<>();
    private final List<Duration> pauses = new ArrayList<>();
    private final AtomicInteger number = new AtomicInteger();
    private Runnable inPause = () -> {};
    private HttpReceiver http;
    private Cluster cluster = ExampleClusters.named("shop");
    private Delivery delivery;

    @BeforeEach
    void start() throws IOException {
        http = new HttpReceiver();
        cluster = cluster.with(List.of(receiver("chat", http.url(), Severity.INFO, Duration.ofSeconds(5))));
        delivery = started(cluster);
    }

    @AfterEach
    void end() throws Exception {
        delivery.stop();
        webhooks.close();
        http.close();
        store.dispose();
    }

    private static Receiver receiver(String name, String url, Severity from, Duration deadline) {
        return new Receiver(name, new Secret(url), Receiver.Shape.JSON, from, Optional.empty(), deadline,
                Duration.ofMinutes(10));
    }

    private Delivery started(Cluster configured) {
        Delivery begun = new Delivery(List.of(configured), webhooks, new FakeNotifier(), outbox, journal, time -> {
            pauses.add(time);
            clock.advance(time);
            inPause.run();
        }, clock, later::add);
        begun.start();
        return begun;
    }

    private Notice notice(Notice.Kind kind, Severity severity, String headline) {
        return new Notice("n" + number.incrementAndGet(), cluster.name(), cluster.tier(), clock.instant(), kind,
                severity, severity, headline, "", Map.of("run", RUN), Optional.empty());
    }

    private void tell(String headline) {
        delivery.tell(cluster, notice(Notice.Kind.RUN_ENDED, Severity.WARNING, headline));
    }

    private void runAll() {
        while (!later.isEmpty()) {
            later.removeFirst().run();
        }
    }

    private List<String> arrived() {
        return http.requests()
                .stream()
                .map(request -> request.body().replaceFirst("(?s).*\"headline\":\"([^\"]*)\".*", "$1"))
                .toList();
    }

    private List<String> noted() {
        return journal.notes(RUN, Remark.NOTICE);
    }

    @Test
    void what_is_told_arrives_in_order_and_leaves_nothing_behind() {
        tell("one");
        tell("two");
        tell("three");
        assertThat(http.requests()).as("nobody waits for it").isEmpty();
        assertThat(later).as("one thread for the receiver").hasSize(1);

        runAll();

        assertThat(arrived()).containsExactly("one", "two", "three");
        assertThat(noted()).containsExactly("chat, run-ended: delivered", "chat, run-ended: delivered",
                "chat, run-ended: delivered");
        assertThat(outbox.kept()).isEmpty();
        assertThat(delivery.tallies()).containsExactly(new Receivers.Tally("shop", "chat", 3, 0, 0, 0));
    }

    @Test
    void a_receiver_that_fails_twice_is_tried_again_with_growing_pauses_and_order_is_kept() {
        http.answers(500, 503, 200);
        tell("one");
        tell("two");

        runAll();

        assertThat(arrived()).containsExactly("one", "one", "one", "two");
        assertThat(pauses).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2));
        assertThat(noted()).containsExactly("chat, run-ended: not delivered yet: HTTP 500: answer 500",
                "chat, run-ended: delivered, at attempt 3", "chat, run-ended: delivered");
        assertThat(delivery.tallies()).containsExactly(new Receivers.Tally("shop", "chat", 2, 2, 0, 0));
        assertThat(http.requests().stream().map(request -> request.headers().get("x-switchman-id")).distinct())
                .as("each attempt has the notice's id")
                .containsExactly("n1", "n2");
    }

    @Test
    void one_that_never_answers_is_given_up_after_its_time_and_that_is_told() {
        cluster = cluster.with(List.of(receiver("chat", http.url(), Severity.INFO, Duration.ofMillis(100))));
        http.answers(java.util.Collections.nCopies(100, 500).toArray(Integer[]::new));
        http.answers();
        tell("one");

        runAll();

        assertThat(noted()).last()
                .asString()
                .matches(
                        "chat, run-ended: NOT delivered, given up after \\d+ attempts: HTTP 500: answer 500");
        assertThat(Duration.between(NOON, clock.instant())).isBetween(Duration.ofMinutes(10), Duration.ofMinutes(11));
        assertThat(pauses).last().isEqualTo(Duration.ofMinutes(1));
        assertThat(outbox.kept()).isEmpty();
        assertThat(delivery.tallies().getFirst().lost()).isEqualTo(1);
    }

    @Test
    void one_that_refuses_is_not_asked_again() {
        http.answers(404);
        tell("one");
        tell("two");

        runAll();

        assertThat(arrived()).containsExactly("one", "two");
        assertThat(noted()).containsExactly("chat, run-ended: NOT delivered, refused: HTTP 404: answer 404",
                "chat, run-ended: delivered");
        assertThat(delivery.tallies()).containsExactly(new Receivers.Tally("shop", "chat", 1, 1, 1, 0));
    }

    @Test
    void a_receiver_that_hangs_holds_up_neither_the_run_nor_another_receiver() throws Exception {
        http.answers(HttpReceiver.HANG);
        try (HttpReceiver other = new HttpReceiver()) {
            cluster = cluster.with(List.of(receiver("hangs", http.url(), Severity.INFO, Duration.ofSeconds(30)),
                    receiver("well", other.url(), Severity.INFO, Duration.ofSeconds(5))));
            Delivery real = new Delivery(List.of(cluster), webhooks, new FakeNotifier(), outbox, journal, time -> {},
                    clock, task -> Thread.ofVirtual().start(task));
            real.start();
            long begin = System.nanoTime();

            real.tell(cluster, notice(Notice.Kind.RUN_ENDED, Severity.WARNING, "one"));

            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(500));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (other.requests().isEmpty() && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            assertThat(other.requests()).hasSize(1);
            real.stop();
        }
    }

    @Test
    void a_hundred_wait_and_then_the_oldest_that_is_not_under_way_makes_room() {
        for (int i = 1; i <= Lane.MOST + 2; i++) {
            tell("notice " + i);
        }

        assertThat(delivery.tallies().getFirst().waiting()).isEqualTo(Lane.MOST);
        runAll();

        assertThat(arrived()).hasSize(Lane.MOST).startsWith("notice 1", "notice 4").endsWith("notice 102");
        assertThat(noted().stream().filter(text -> text.contains("pushed out, 100 newer ones wait"))).hasSize(2);
        assertThat(delivery.tallies().getFirst().lost()).isEqualTo(2);
    }

    @Test
    void each_receiver_hears_from_its_severity_on_and_of_the_end_of_what_it_heard() throws Exception {
        try (HttpReceiver pager = new HttpReceiver()) {
            cluster = cluster.with(List.of(receiver("chat", http.url(), Severity.INFO, Duration.ofSeconds(5)),
                    receiver("pager", pager.url(), Severity.CRITICAL, Duration.ofSeconds(5))));
            delivery = started(cluster);
            delivery.tell(cluster, notice(Notice.Kind.VERDICT, Severity.WARNING, "a replica is lost"));
            delivery.tell(cluster, notice(Notice.Kind.VERDICT, Severity.CRITICAL, "crashed"));
            delivery.tell(cluster, new Notice("n", cluster.name(), "test", NOON, Notice.Kind.VERDICT, Severity.INFO,
                    Severity.CRITICAL, "well again", "", Map.of(), Optional.empty()));

            runAll();

            assertThat(arrived()).containsExactly("a replica is lost", "crashed", "well again");
            assertThat(pager.requests()).hasSize(2);
        }
    }

    @Test
    void the_beginning_of_a_run_waits_a_moment_and_is_not_stored_before_it_has_failed() {
        http.answers(500);
        List<Integer> kept = new ArrayList<>();
        inPause = () -> kept.add(outbox.kept().size());
        delivery.tell(cluster, notice(Notice.Kind.RUN_BEGAN, Severity.CRITICAL, "failover began"));

        runAll();

        assertThat(pauses).containsExactly(Lane.MOMENT, Duration.ofSeconds(1));
        assertThat(kept).containsExactly(0, 1);
        assertThat(outbox.kept()).isEmpty();
    }

    @Test
    void the_next_process_sends_what_the_last_one_has_left() {
        http.answers(500);
        inPause = () -> delivery.stop();
        tell("one");
        tell("two");
        runAll();
        assertThat(arrived()).containsExactly("one");
        tell("while it stops");
        assertThat(outbox.kept()).hasSize(3);

        inPause = () -> {};
        delivery = started(cluster);
        runAll();

        assertThat(arrived()).containsExactly("one", "one", "two", "while it stops");
        assertThat(outbox.kept()).isEmpty();
    }

    /** As after kill -9: nothing was put away by the process that ends. */
    @Test
    void what_was_under_way_when_the_process_was_killed_is_sent_by_the_next_one() {
        http.answers(500);
        inPause = () -> {
            throw new OutOfMemoryError("the process is killed here");
        };
        tell("one");
        try {
            runAll();
        } catch (OutOfMemoryError killed) {
            assertThat(outbox.kept()).hasSize(1);
        }

        inPause = () -> {};
        delivery = started(cluster);
        runAll();

        assertThat(arrived()).containsExactly("one", "one");
    }

    @Test
    void what_is_left_for_a_receiver_that_is_configured_no_more_is_dropped_and_said() {
        delivery.stop();
        tell("one");

        delivery = started(cluster.with(List.of()));

        assertThat(outbox.kept()).isEmpty();
    }

    @Test
    void what_was_left_for_longer_than_its_time_is_tried_once_and_given_up() {
        delivery.stop();
        tell("one");
        clock.advance(Duration.ofHours(2));
        http.answers(500);

        delivery = started(cluster);
        runAll();

        assertThat(arrived()).containsExactly("one");
        assertThat(noted()).last().asString().contains("NOT delivered, given up after 1 attempts");
    }

    @Test
    void a_store_that_fails_keeps_nobody_from_being_told() {
        tell("one");
        store.dispose();

        runAll();

        assertThat(arrived()).containsExactly("one");
    }

    @Test
    void a_test_reaches_everybody_and_gives_each_answer() throws Exception {
        GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        mail.start();
        try (HttpReceiver broken = new HttpReceiver().answers(403)) {
            Cluster both = ExampleClusters
                    .mailing(new MailSettings(new Host("127.0.0.1"), mail.getSmtp().getPort(), Optional.empty(), false,
                            "switchman@example.org", List.of("dba@example.org")))
                    .with(List.of(receiver("chat", http.url(), Severity.INFO, Duration.ofSeconds(5)),
                            receiver("pager", broken.url(), Severity.CRITICAL, Duration.ofSeconds(5))));
            Notifier byMail = Notifiers.byMail();
            Delivery real = new Delivery(List.of(both), webhooks, byMail, outbox, journal, time -> {},
                    Clock.systemUTC(), task -> Thread.ofVirtual().start(task));

            List<Receivers.Tested> tested = real.test(both, "anna");

            assertThat(tested).extracting(Receivers.Tested::receiver, Receivers.Tested::arrived,
                    Receivers.Tested::answer)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple("mail", true, "sent to dba@example.org"),
                            org.assertj.core.groups.Tuple.tuple("chat", true, "HTTP 200"),
                            org.assertj.core.groups.Tuple.tuple("pager", false, "HTTP 403: answer 403"));
            assertThat(arrived()).containsExactly("this is a test by anna");
            assertThat(mail.getReceivedMessages()).hasSize(1);
        } finally {
            mail.stop();
        }
    }
}
