package dev.switchman.runbook.step;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.notify.Notifier;
import dev.switchman.runbook.Pause;
import dev.switchman.runbook.Remark;
import dev.switchman.topology.Cluster;

/**
 * Reports on their way. A run waits a moment for its mail and then ends; what could not be sent is tried again for a day,
 * after one minute, two, four and so on up to half an hour, also by the next process. What became of it stands in the
 * journal of its run.
 */
@Component
final class Mailbag implements SmartLifecycle {

    static final Duration DAY = Duration.ofDays(1);
    /** Begins the remark about a mail that will be tried again. */
    static final String LATER = "not sent yet: ";

    private static final Logger LOG = LoggerFactory.getLogger(Mailbag.class);
    private static final Duration MOMENT = Duration.ofSeconds(2);
    private static final Duration FIRST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofMinutes(30);
    private static final int LOOKED_BACK = 200;

    private final List<Cluster> clusters;
    private final Notifier notifier;
    private final Journal journal;
    private final Pause pause;
    private final Clock clock;
    private final Executor aside;
    private volatile boolean running;

    /** One report for one cluster's people. */
    record Mail(Cluster cluster, String run, String subject, String body) {}

    @Autowired
    Mailbag(List<Cluster> clusters, Notifier notifier, Journal journal, Pause pause, Clock clock) {
        this(clusters, notifier, journal, pause, clock, task -> Thread.ofVirtual().name("mail").start(task));
    }

    /** @param aside runs what is not waited for */
    Mailbag(List<Cluster> clusters, Notifier notifier, Journal journal, Pause pause, Clock clock, Executor aside) {
        this.clusters = List.copyOf(clusters);
        this.notifier = notifier;
        this.journal = journal;
        this.pause = pause;
        this.clock = clock;
        this.aside = aside;
    }

    /** @return what became of it until now; the rest goes on by itself */
    String post(Mail mail) {
        CompletableFuture<String> first = new CompletableFuture<>();
        aside.execute(() -> {
            String result = attempt(mail);
            journal.note(mail.run(), Remark.MAIL, result);
            first.complete(result);
            if (result.startsWith(LATER)) {
                aside.execute(() -> again(mail, clock.instant().plus(DAY)));
            }
        });
        return first.completeOnTimeout("on its way", MOMENT.toMillis(), TimeUnit.MILLISECONDS).join();
    }

    private String attempt(Mail mail) {
        try {
            return switch (notifier.send(mail.cluster(), mail.subject(), mail.body())) {
                case Notifier.Sent.Delivered(String to) -> "sent to " + to;
                case Notifier.Sent.NobodyToTell nobody -> "nobody to tell";
                case Notifier.Sent.Failed(String why) -> LATER + why;
            };
        } catch (RuntimeException e) {
            LOG.error("the mail \"{}\" could not be sent", mail.subject(), e);
            return LATER + e;
        }
    }

    private void again(Mail mail, Instant end) {
        int attempts = 1;
        for (Duration wait = FIRST; running; wait = longer(wait)) {
            pause.of(wait);
            if (!running) {
                return; // the next process takes it up
            }
            attempts++;
            String result = attempt(mail);
            if (!result.startsWith(LATER)) {
                journal.note(mail.run(), Remark.MAIL, result + ", at attempt " + attempts);
                LOG.info("the mail \"{}\" was {}, at attempt {}", mail.subject(), result, attempts);
                return;
            }
            if (clock.instant().isAfter(end)) {
                journal.note(mail.run(), Remark.MAIL, "given up after " + attempts + " attempts: "
                        + result.substring(LATER.length()));
                LOG.error("the mail \"{}\" is given up after {} attempts: {}", mail.subject(), attempts, result);
                return;
            }
        }
    }

    private static Duration longer(Duration wait) {
        Duration twice = wait.multipliedBy(2);
        return twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
    }

    /** Takes up what the process before has left. */
    @Override
    public void start() {
        running = true;
        Instant since = clock.instant().minus(DAY);
        for (Journal.RunRecord run : journal.runs(Optional.empty(), LOOKED_BACK)) {
            Optional<Cluster> cluster = clusters.stream().filter(one -> one.name().equals(run.cluster())).findFirst();
            boolean recent = run.endedAt().filter(at -> at.isAfter(since)).isPresent();
            if (cluster.isPresent() && recent && run.report().isPresent() && waits(run)) {
                Mail mail = new Mail(cluster.get(), run.run(), subject(run), run.report().get());
                aside.execute(() -> again(mail, run.endedAt().get().plus(DAY)));
            }
        }
    }

    private boolean waits(Journal.RunRecord run) {
        return journal.entries(run.run())
                .stream()
                .filter(Journal.Entry.Noted.class::isInstance)
                .map(Journal.Entry.Noted.class::cast)
                .filter(note -> note.label().equals(Remark.MAIL))
                .reduce((before, after) -> after)
                .filter(last -> last.text().startsWith(LATER))
                .isPresent();
    }

    /** A report begins with its headline. */
    private static String subject(Journal.RunRecord run) {
        String headline = run.report().orElse("").lines().findFirst().orElse("");
        return "[Switchman] " + run.cluster() + ": " + headline.replaceAll("\\.$", "");
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
