package dev.switchman.runbook.step;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import dev.switchman.fleet.FakeFleet;
import dev.switchman.fleet.FakeJournal;
import dev.switchman.fleet.FakeNotifier;
import dev.switchman.notify.Notifier;
import dev.switchman.runbook.Remark;
import dev.switchman.topology.Cluster;

import static org.assertj.core.api.Assertions.assertThat;

class MailbagTest {

    private static final String RUN = "42";

    private final FakeFleet fleet = FakeFleet.of("db1", "db2");
    private final Cluster cluster = fleet.cluster();
    private final FakeJournal journal = new FakeJournal(fleet.clock());
    private final FakeNotifier notifier = new FakeNotifier();
    private final List<Runnable> later = new ArrayList<>();
    private final Mailbag mailbag = mailbag();
    private boolean direct = true;

    /** The first attempt is made at once, those after it when the test says so. */
    private Mailbag mailbag() {
        Mailbag bag = new Mailbag(List.of(cluster), notifier, journal, fleet, fleet.clock(), task -> {
            if (direct) {
                direct = false;
                task.run();
            } else {
                later.add(task);
            }
        });
        bag.start();
        return bag;
    }

    private String post() {
        direct = true;
        return mailbag.post(new Mailbag.Mail(cluster, RUN, "[Switchman] shop: db1 failed over (done)", "Done.\n"));
    }

    private void refusing(int times) {
        notifier.fail(times, () -> new Notifier.Sent.Failed("connection refused"));
    }

    @Test
    void aMailThatIsSentIsNotedOnce() {
        assertThat(post()).isEqualTo("sent to dba@example.org");

        assertThat(journal.notes(RUN, Remark.MAIL)).containsExactly("sent to dba@example.org");
        assertThat(later).isEmpty();
    }

    @Test
    void aMailThatCannotBeSentIsToldAndTriedAgain() {
        refusing(3);

        assertThat(post()).isEqualTo("not sent yet: connection refused");
        Instant posted = fleet.clock().instant();
        later.removeFirst().run();

        assertThat(journal.notes(RUN, Remark.MAIL)).containsExactly("not sent yet: connection refused",
                "sent to dba@example.org, at attempt 4");
        assertThat(Duration.between(posted, fleet.clock().instant())).isEqualTo(Duration.ofMinutes(1 + 2 + 4));
        assertThat(notifier.mails()).hasSize(1);
    }

    @Test
    void aNotifierThatThrowsIsAMailThatCouldNotBeSent() {
        notifier.fail(1, () -> {
            throw new IllegalStateException("a bug");
        });

        assertThat(post()).isEqualTo("not sent yet: java.lang.IllegalStateException: a bug");
        assertThat(later).hasSize(1);
    }

    @Test
    void afterADayItIsGivenUp() {
        refusing(1_000);
        post();
        Instant posted = fleet.clock().instant();

        later.removeFirst().run();

        assertThat(journal.notes(RUN, Remark.MAIL)).last().asString().matches("given up after \\d+ attempts: .*");
        assertThat(Duration.between(posted, fleet.clock().instant())).isBetween(Duration.ofHours(24),
                Duration.ofHours(25));
        assertThat(notifier.attempts()).isLessThan(60);
    }

    @Test
    void theNextProcessSendsWhatTheLastOneHasLeft() {
        journal.runStarted(RUN, cluster.name(), "failover", "monitor", "crash", fleet.clock().instant());
        refusing(1);
        post();
        journal.runEnded(RUN, "DONE", "db1:3306 failed over to db2:3306 (done in 1.00 s).\n\nCluster  shop\n",
                fleet.clock().instant());
        later.clear();

        direct = false;
        mailbag();
        later.removeFirst().run();

        assertThat(notifier.mails()).containsExactly(new FakeNotifier.Mail(
                "[Switchman] shop: db1:3306 failed over to db2:3306 (done in 1.00 s)",
                "db1:3306 failed over to db2:3306 (done in 1.00 s).\n\nCluster  shop\n"));
        direct = false;
        mailbag();
        assertThat(later).as("it was sent").isEmpty();
    }
}
