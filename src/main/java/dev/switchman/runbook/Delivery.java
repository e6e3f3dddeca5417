package dev.switchman.runbook;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.memory.Outbox;
import dev.switchman.notify.Notice;
import dev.switchman.notify.Notices;
import dev.switchman.notify.Notifier;
import dev.switchman.notify.Webhooks;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Receiver;
import dev.switchman.topology.Severity;

/**
 * Brings notices to receivers: a bounded queue for each, off every run's thread, in order. What has not arrived when the program
 * ends stands in the store, and the next process sends it or says that it gave it up.
 */
@Component
final class Delivery implements News, Receivers, SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

    private final List<Cluster> clusters;
    private final Outbox outbox;
    private final Notifier mail;
    private final Clock clock;
    private final Executor aside;
    private final Webhooks webhooks;
    private final Map<Key, Lane> lanes = new LinkedHashMap<>();
    private volatile boolean running;

    private record Key(String cluster, String receiver) {}

    @Autowired
    Delivery(List<Cluster> clusters, Webhooks webhooks, Notifier mail, Outbox outbox, Journal journal, Pause pause,
            Clock clock) {
        this(clusters, webhooks, mail, outbox, journal, pause, clock,
                task -> Thread.ofVirtual().name("notify").start(task));
    }

    /** @param aside runs what is not waited for */
    Delivery(List<Cluster> clusters, Webhooks webhooks, Notifier mail, Outbox outbox, Journal journal, Pause pause,
            Clock clock, Executor aside) {
        this.clusters = List.copyOf(clusters);
        this.webhooks = webhooks;
        this.mail = mail;
        this.outbox = outbox;
        this.clock = clock;
        this.aside = aside;
        Lane.Doors doors = new Lane.Doors(webhooks, outbox, journal, pause, clock, aside, this::isRunning);
        for (Cluster cluster : clusters) {
            for (Receiver receiver : cluster.receivers()) {
                lanes.put(new Key(cluster.name().value(), receiver.name()), new Lane(cluster, receiver, doors));
            }
        }
    }

    @Override
    public void tell(Cluster cluster, Notice notice) {
        for (Receiver receiver : cluster.receivers()) {
            Optional.ofNullable(lanes.get(new Key(cluster.name().value(), receiver.name())))
                    .filter(lane -> notice.reaches(receiver.from()))
                    .ifPresent(lane -> lane.take(notice));
        }
    }

    @Override
    public List<Tested> test(Cluster cluster, String by) {
        String headline = "this is a test by " + by;
        String text = "Nothing has happened. Whoever reads this is told of cluster " + cluster.name() + ".\n";
        Notice notice = new Notice(UUID.randomUUID().toString(), cluster.name(), cluster.tier(), clock.instant(),
                Notice.Kind.TEST, Severity.INFO, Severity.CRITICAL, headline, text, Map.of(), Optional.empty());
        List<CompletableFuture<Tested>> all = new ArrayList<>();
        if (cluster.mail().isPresent()) {
            all.add(CompletableFuture.supplyAsync(() -> mailed(cluster, headline, text), aside));
        }
        for (Receiver receiver : cluster.receivers()) {
            all.add(CompletableFuture.supplyAsync(() -> posted(receiver, notice), aside));
        }
        return all.stream().map(CompletableFuture::join).toList();
    }

    private Tested mailed(Cluster cluster, String headline, String text) {
        Instant begin = clock.instant();
        Notifier.Sent sent = mail.send(cluster, "[Switchman] " + cluster.name() + ": " + headline,
                headline + "\n\n" + text);
        Duration took = Duration.between(begin, clock.instant());
        return switch (sent) {
            case Notifier.Sent.Delivered(String to) -> new Tested("mail", "mail", true, "sent to " + to, took);
            case Notifier.Sent.NobodyToTell nobody -> new Tested("mail", "mail", false, "nobody to tell", took);
            case Notifier.Sent.Failed(String why) -> new Tested("mail", "mail", false, why, took);
        };
    }

    private Tested posted(Receiver receiver, Notice notice) {
        Instant begin = clock.instant();
        Webhooks.Posted posted = webhooks.post(receiver, notice);
        Duration took = Duration.between(begin, clock.instant());
        String shape = receiver.shape().name().toLowerCase(Locale.ROOT);
        return switch (posted) {
            case Webhooks.Posted.Delivered(String answer) -> new Tested(receiver.name(), shape, true, answer, took);
            case Webhooks.Posted.Failed(String why) -> new Tested(receiver.name(), shape, false, why, took);
            case Webhooks.Posted.Refused(String why) -> new Tested(receiver.name(), shape, false, why, took);
        };
    }

    @Override
    public List<Tally> tallies() {
        return lanes.values().stream().map(Lane::tally).toList();
    }

    /** Takes up what the process before has left. */
    @Override
    public void start() {
        running = true;
        for (Outbox.Kept kept : outbox.kept()) {
            Optional<Lane> lane = Optional.ofNullable(lanes.get(new Key(kept.cluster().value(), kept.receiver())));
            if (lane.isPresent()) {
                lane.get().take(Notices.parse(kept.body()));
            } else if (clusters.stream().anyMatch(cluster -> cluster.name().equals(kept.cluster()))) {
                LOG.error("{}: the receiver {} is configured no more and was not told: {}", kept.cluster(),
                        kept.receiver(), Notices.parse(kept.body()).headline());
                outbox.drop(kept.id(), kept.cluster(), kept.receiver());
            }
        }
    }

    /** What is still on its way is kept for the next process. */
    @Override
    public void stop() {
        running = false;
        lanes.values().forEach(Lane::keepAll);
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
