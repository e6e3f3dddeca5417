package dev.switchman.audit;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.switchman.topology.Action;
import dev.switchman.topology.ClusterName;

/**
 * One thread writes everything in the order it was said; what came meanwhile goes in one transaction. Runs, intents and
 * outcomes wait for their commit. Actions and remarks of a step do not, so that a statement costs a step no commit; the
 * outcome, which comes after them in the same order, does wait.
 */
final class WritingJournal implements Journal, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final int BATCH = 200;

    private final JdbcStore store;
    private final Clock clock;
    private final LinkedBlockingQueue<Pending> queue = new LinkedBlockingQueue<>();
    private final Thread writer;
    /** Inherited, so that what virtual threads of a step do is recorded under it. */
    private final InheritableThreadLocal<@Nullable UnderWay> current = new InheritableThreadLocal<>();

    private boolean closed;

    WritingJournal(JdbcStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
        this.writer = Thread.ofPlatform()
                .name("journal")
                .daemon()
                .inheritInheritableThreadLocals(false)
                .start(this::writeAll);
    }

    @Override
    public void runStarted(String run, ClusterName cluster, String runbook, String startedBy, String cause,
            Instant at) {
        writeNow(new Line.RunStarted(new RunRecord(run, cluster, runbook, startedBy, cause, at, Optional.empty(),
                Optional.empty(), Optional.empty())));
    }

    @Override
    public void runEnded(String run, String ending, String report, Instant at) {
        writeNow(new Line.RunEnded(run, ending, report, at));
        LOG.info("run {} ended {}; head of the journal: {}", run, ending, store.head());
    }

    @Override
    public StepEntry stepBegins(String run, String step, String sentence, Instant at) {
        writeNow(Line.Entered.began(run, at, step, sentence));
        return underWay(run, step, true);
    }

    @Override
    public StepEntry stepFollows(String run, String step, String sentence, Instant at) {
        add(Line.Entered.began(run, at, step, sentence));
        return underWay(run, step, false);
    }

    private UnderWay underWay(String run, String step, boolean waits) {
        UnderWay entry = new UnderWay(run, step, current.get(), waits);
        current.set(entry);
        return entry;
    }

    @Override
    public void note(String run, String label, String text) {
        UnderWay step = current.get();
        if (step != null && step.takes(run)) {
            add(Line.Entered.noted(run, clock.instant(), step.step, label, text));
        } else {
            writeNow(Line.Entered.noted(run, clock.instant(), "", label, text));
        }
    }

    @Override
    public void acted(Action action) {
        UnderWay step = current.get();
        if (step != null && step.open.get()) {
            add(Line.Entered.acted(step.run, clock.instant(), step.step, action));
        } else {
            LOG.debug("outside of any step: {} {} {} ({} ms): {}", action.node(), action.channel(),
                    Masked.text(action.text()), action.took().toMillis(), Masked.text(action.answer()));
        }
    }

    @Override
    public Optional<RunRecord> run(String run) {
        return store.run(run);
    }

    @Override
    public List<RunRecord> runs(Wanted wanted, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be at least 1: " + limit);
        }
        return store.runs(wanted, limit);
    }

    @Override
    public List<Entry> entries(String run) {
        return store.entries(run);
    }

    @Override
    public String head() {
        return store.head();
    }

    @Override
    public Verification verify(Optional<String> sent) {
        return store.verify(sent);
    }

    @Override
    public Optional<Purged> purge(String policy, Instant before, int most) {
        Optional<Prefix.Found> found = store.purgeable(before, most);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        writeNow(new Line.Purge(found.get(), policy, clock.instant()));
        Optional<Purged> purged = store.purged();
        LOG.info("{} lines of {} runs were purged from the journal under {}; head: {}", found.get().lines(),
                found.get().runs().size(), policy, store.head());
        return purged;
    }

    @Override
    public Counts counts() {
        return store.counts();
    }

    @Override
    public void close() {
        synchronized (queue) {
            if (closed) {
                return;
            }
            closed = true;
            queue.add(new Pending(Optional.empty(), new CompletableFuture<>()));
        }
        try {
            writer.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void writeNow(Line line) {
        try {
            add(line).join();
        } catch (CompletionException e) {
            throw new IllegalStateException("the journal could not write: "
                    + Optional.ofNullable(e.getCause()).map(Throwable::getMessage).orElse("no reason given"), e);
        }
    }

    private CompletableFuture<Void> add(Line line) {
        Pending pending = new Pending(Optional.of(line), new CompletableFuture<>());
        synchronized (queue) {
            if (closed) {
                throw new IllegalStateException("the journal is closed");
            }
            queue.add(pending);
        }
        return pending.written;
    }

    private void writeAll() {
        List<Pending> batch = new ArrayList<>();
        boolean more = true;
        while (more) {
            batch.clear();
            try {
                batch.add(queue.take());
            } catch (InterruptedException e) {
                LOG.error("the journal's writer was interrupted; it goes on", e);
                continue;
            }
            queue.drainTo(batch, BATCH);
            more = batch.stream().allMatch(pending -> pending.line.isPresent());
            write(batch.stream().filter(pending -> pending.line.isPresent()).toList());
        }
    }

    /** One bad line must not take the others of its batch with it: after a failure each is tried alone. */
    private void write(List<Pending> batch) {
        Optional<Exception> failure = tryWrite(batch);
        if (failure.isEmpty()) {
            batch.forEach(pending -> pending.written.complete(null));
        } else if (batch.size() == 1) {
            failed(batch.getFirst(), failure.get());
        } else {
            for (Pending pending : batch) {
                tryWrite(List.of(pending)).ifPresentOrElse(e -> failed(pending, e),
                        () -> pending.written.complete(null));
            }
        }
    }

    private Optional<Exception> tryWrite(List<Pending> batch) {
        try {
            store.write(batch.stream().flatMap(pending -> pending.line.stream()).toList());
            return Optional.empty();
        } catch (SQLException | RuntimeException e) {
            return Optional.of(e);
        }
    }

    private static void failed(Pending pending, Exception e) {
        if (pending.line.orElseThrow() instanceof Line.Entered entered) {
            // Not everybody waits to be told.
            LOG.error("not in the journal of run {}: {} {}", entered.run(), entered.step(),
                    Masked.text(entered.text()), e);
        }
        pending.written.completeExceptionally(e);
    }

    /** @param line empty: the end */
    private record Pending(Optional<Line> line, CompletableFuture<Void> written) {}

    private final class UnderWay implements StepEntry {

        private final String run;
        private final String step;
        private final @Nullable UnderWay outer;
        private final boolean waits;
        private final AtomicBoolean open = new AtomicBoolean(true);

        UnderWay(String run, String step, @Nullable UnderWay outer, boolean waits) {
            this.waits = waits;
            this.run = run;
            this.step = step;
            this.outer = outer;
        }

        boolean takes(String other) {
            return open.get() && run.equals(other);
        }

        @Override
        public void ended(String outcome, String detail, Duration took) {
            if (!open.compareAndSet(true, false)) {
                throw new IllegalStateException("step " + step + " of run " + run + " has ended already");
            }
            if (current.get() == this) {
                if (outer != null && outer.open.get()) {
                    current.set(outer);
                } else {
                    current.remove();
                }
            }
            Line line = Line.Entered.ended(run, clock.instant(), step, outcome, detail, took);
            if (waits) {
                writeNow(line);
            } else {
                add(line);
            }
        }
    }
}
