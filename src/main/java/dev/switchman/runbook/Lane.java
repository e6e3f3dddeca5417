package dev.switchman.runbook;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

import dev.switchman.audit.Journal;
import dev.switchman.memory.Outbox;
import dev.switchman.notify.Notice;
import dev.switchman.notify.Notices;
import dev.switchman.notify.Webhooks;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.Receiver;

/**
 * The way to one receiver of one cluster. Notices go one after the other: one that fails is tried again, after one second, two, four
 * and so on up to a minute, before the next one goes, until its time is over. A hundred may wait; then the oldest makes room.
 *
 * <p>The beginning of a run waits a moment and is kept in the store only when its first attempt has failed, so that a failover which
 * is over within a second shares its processors and its disk with nobody. If the program is killed in that moment, the run goes on
 * after the restart, and its end is told.
 */
final class Lane {

    static final int MOST = 100;
    static final Duration MOMENT = Duration.ofSeconds(1);
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

    private final Cluster cluster;
    private final Receiver receiver;
    private final Doors doors;
    private final Deque<Notice> waiting = new ArrayDeque<>();
    private boolean draining;
    private long delivered;
    private long failures;
    private long lost;

    /** @param goesOn false: the program ends */
    record Doors(
            Webhooks webhooks,
            Outbox outbox,
            Journal journal,
            Pause pause,
            Clock clock,
            Executor aside,
            BooleanSupplier goesOn) {}

    /** What came of one notice. */
    private sealed interface End {

        record Arrived(int attempts) implements End {}

        record Lost(String why) implements End {}

        /** The program ends; the next process goes on. */
        record Left() implements End {}
    }

    Lane(Cluster cluster, Receiver receiver, Doors doors) {
        this.cluster = cluster;
        this.receiver = receiver;
        this.doors = doors;
    }

    /** Returns at once; while the program ends, or has not begun, when the notice is in the store for later. */
    void take(Notice notice) {
        if (!doors.goesOn().getAsBoolean()) {
            keep(notice);
            return;
        }
        Optional<Notice> pushedOut = Optional.empty();
        boolean begin;
        synchronized (this) {
            if (waiting.size() >= MOST) {
                // The first one may be on its way just now.
                Notice first = waiting.removeFirst();
                pushedOut = Optional.ofNullable(waiting.pollFirst());
                waiting.addFirst(first);
            }
            waiting.addLast(notice);
            begin = !draining;
            draining = true;
        }
        pushedOut.ifPresent(old -> doors.aside()
                .execute(
                        () -> end(old, new End.Lost("pushed out, " + MOST + " newer ones wait"))));
        if (begin) {
            doors.aside().execute(this::drain);
        }
    }

    private void drain() {
        for (Optional<Notice> next = first(); next.isPresent(); next = first()) {
            if (!bring(next.get())) {
                return;
            }
        }
    }

    /** @return false: the program ends */
    private boolean bring(Notice notice) {
        try (var c = MDC.putCloseable("cluster", cluster.name().value());
                var r = MDC.putCloseable("run", notice.about().getOrDefault(Bulletins.RUN, ""))) {
            End end = deliver(notice);
            if (end instanceof End.Left) {
                synchronized (this) {
                    draining = false;
                }
                return false;
            }
            end(notice, end);
            synchronized (this) {
                waiting.remove(notice);
            }
            return true;
        }
    }

    /** @return empty, and the lane is free for another thread, when none waits */
    private synchronized Optional<Notice> first() {
        Optional<Notice> first = doors.goesOn().getAsBoolean()
                ? Optional.ofNullable(waiting.peekFirst())
                : Optional.empty();
        if (first.isEmpty()) {
            draining = false;
        }
        return first;
    }

    private End deliver(Notice notice) {
        try {
            if (notice.kind() == Notice.Kind.RUN_BEGAN) {
                doors.pause().of(MOMENT);
            } else {
                keep(notice);
            }
            int attempts = 0;
            for (Duration wait = FIRST;; wait = longer(wait)) {
                attempts++;
                String why;
                switch (post(notice)) {
                    case Webhooks.Posted.Delivered yes -> {
                        return new End.Arrived(attempts);
                    }
                    case Webhooks.Posted.Refused(String answer) -> {
                        failed();
                        return new End.Lost("refused: " + answer);
                    }
                    case Webhooks.Posted.Failed(String answer) -> why = answer;
                }
                failed();
                if (!doors.clock().instant().isBefore(notice.at().plus(receiver.tries()))) {
                    return new End.Lost("given up after " + attempts + " attempts: " + why);
                }
                if (attempts == 1) {
                    keep(notice);
                    said(notice, "not delivered yet: " + why);
                }
                if (!doors.goesOn().getAsBoolean()) {
                    return new End.Left();
                }
                doors.pause().of(wait);
                if (!doors.goesOn().getAsBoolean()) {
                    return new End.Left();
                }
            }
        } catch (RuntimeException e) {
            LOG.error("{}: {} could not be told \"{}\"", cluster.name(), receiver.name(), notice.headline(), e);
            return new End.Lost(e.toString());
        }
    }

    private Webhooks.Posted post(Notice notice) {
        return doors.webhooks().post(receiver, notice);
    }

    private static Duration longer(Duration wait) {
        Duration twice = wait.multipliedBy(2);
        return twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
    }

    private void end(Notice notice, End end) {
        switch (end) {
            case End.Arrived(int attempts) -> {
                synchronized (this) {
                    delivered++;
                }
                LOG.info("{}: {} was told \"{}\"{}", cluster.name(), receiver.name(), notice.headline(),
                        attempts > 1 ? ", at attempt " + attempts : "");
                if (attempts > 1 || notice.kind() != Notice.Kind.RUN_BEGAN) {
                    note(notice, "delivered" + (attempts > 1 ? ", at attempt " + attempts : ""));
                }
            }
            case End.Lost(String why) -> {
                synchronized (this) {
                    lost++;
                }
                LOG.error("{}: {} was NOT told \"{}\": {}", cluster.name(), receiver.name(), notice.headline(), why);
                note(notice, "NOT delivered, " + why);
            }
            case End.Left left -> {
                return;
            }
        }
        stored("dropped", () -> doors.outbox().drop(notice.id(), cluster.name(), receiver.name()));
    }

    private void said(Notice notice, String what) {
        LOG.warn("{}: {}: \"{}\" {}", cluster.name(), receiver.name(), notice.headline(), what);
        note(notice, what);
    }

    private void note(Notice notice, String what) {
        Optional.ofNullable(notice.about().get(Bulletins.RUN))
                .ifPresent(run -> stored("noted", () -> doors.journal()
                        .note(run, Remark.NOTICE, receiver.name() + ", " + notice.kind().word() + ": " + what)));
    }

    private void keep(Notice notice) {
        stored("kept", () -> doors.outbox()
                .keep(new Outbox.Kept(notice.id(), cluster.name(), receiver.name(), notice.at(),
                        Notices.print(notice))));
    }

    /** A store that fails keeps nobody from being told: that may be the very thing they must know. */
    private void stored(String what, Runnable change) {
        try {
            change.run();
        } catch (RuntimeException e) {
            LOG.error("{}: a notice for {} could not be {} in the store", cluster.name(), receiver.name(), what, e);
        }
    }

    private synchronized void failed() {
        failures++;
    }

    /** For the next process. */
    void keepAll() {
        List<Notice> left;
        synchronized (this) {
            left = List.copyOf(waiting);
        }
        left.forEach(this::keep);
        if (!left.isEmpty()) {
            LOG.warn("{}: {} notices for {} are left to the next process", cluster.name(), left.size(),
                    receiver.name());
        }
    }

    synchronized Receivers.Tally tally() {
        return new Receivers.Tally(cluster.name().value(), receiver.name(), delivered, failures, lost, waiting.size());
    }
}
