package dev.switchman.audit;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import dev.switchman.topology.Action;
import dev.switchman.topology.ClusterName;

/**
 * The record of what runs meant to do, did, and were answered. Commits on its own, from a pool of its own: an intent is in
 * the store before the step begins, whatever becomes of the step's transaction. Entries are only ever added.
 */
public interface Journal extends Action.Listener {

    /** @param runbook {@code failover}, {@code quarantine} … @param startedBy a user's name, or {@code monitor} @param cause why, in one line */
    void runStarted(String run, ClusterName cluster, String runbook, String startedBy, String cause, Instant at);

    /** @param ending an ending's name, in capitals ({@code DONE}, {@code NO_ELIGIBLE_CANDIDATE} …) */
    void runEnded(String run, String ending, String report, Instant at);

    /**
     * Records the intent and makes this step the current one of the calling thread and of threads started from it, so that
     * every {@link Action} until {@link StepEntry#ended} is recorded under it.
     */
    StepEntry stepBegins(String run, String step, String sentence, Instant at);

    /**
     * The same for a step of a section in which milliseconds count: nobody waits for its commit. It is written in the order
     * of saying; the next step that begins outside of the section waits for all before it.
     */
    default StepEntry stepFollows(String run, String step, String sentence, Instant at) {
        return stepBegins(run, step, sentence, at);
    }

    /** A remark that belongs to the run: evidence, a set, a decision, with its label. Under the current step if there is one. */
    void note(String run, String label, String text);

    Optional<RunRecord> run(String run);

    /** Newest first. @param cluster empty: of all clusters */
    default List<RunRecord> runs(Optional<ClusterName> cluster, int limit) {
        return runs(cluster.map(Wanted.ALL::of).orElse(Wanted.ALL), limit);
    }

    /** Newest first: those that are wanted. */
    List<RunRecord> runs(Wanted wanted, int limit);

    /** In the order of writing. */
    List<Entry> entries(String run);

    /**
     * @return the newest link of the chain that ties all lines: SHA-256 in hexadecimal digits. Kept elsewhere, it shows later
     *         whether anything that was written before it is otherwise now
     */
    String head();

    /**
     * Reads the whole journal, as it is when the call begins. May be called at any time; what is written meanwhile waits for nothing.
     *
     * @param sent a head that was kept elsewhere; empty: only whether all lines fit each other
     */
    Verification verify(Optional<String> sent);

    /**
     * Takes runs out of the journal's beginning, with all their lines, and puts a line in their place that holds the link before
     * the first one that is kept. May be repeated: the next pass takes the next ones. No run goes that is open or did not end
     * before then, nor any that was written after the beginning of one that stays.
     *
     * @param policy what wants it so, for the line: {@code audit.keep=7y}
     * @param most so many runs in this pass; more only where their lines are entangled
     * @return what was taken out in this and all earlier passes; empty when nothing was now
     * @throws IllegalStateException when these lines are not as they were written, or the store does not answer
     */
    Optional<Purged> purge(String policy, Instant before, int most);

    /** @return what has ended, counted; reads no store, and waits for nobody */
    Counts counts();

    /**
     * Which runs are wanted; what is empty does not matter.
     *
     * @param startedBy a user's name, or {@code monitor}
     * @param open only those that have not ended
     * @param from started then or later
     * @param before started earlier than then
     */
    record Wanted(
            Optional<ClusterName> cluster,
            Optional<String> runbook,
            Optional<String> startedBy,
            Optional<String> ending,
            boolean open,
            Optional<Instant> from,
            Optional<Instant> before) {

        public static final Wanted ALL = new Wanted(Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), false, Optional.empty(), Optional.empty());

        public Wanted of(ClusterName name) {
            return new Wanted(Optional.of(name), runbook, startedBy, ending, open, from, before);
        }

        public Wanted ofRunbook(String id) {
            return new Wanted(cluster, Optional.of(id), startedBy, ending, open, from, before);
        }
    }

    /** A step that is under way. */
    interface StepEntry {

        /** @param outcome {@code DONE}, {@code REFUSED}, {@code UNKNOWN} or {@code THROWN} @param detail evidence in one line */
        void ended(String outcome, String detail, Duration took);
    }

    /** One run. @param endedAt empty while it goes on */
    record RunRecord(
            String run,
            ClusterName cluster,
            String runbook,
            String startedBy,
            String cause,
            Instant startedAt,
            Optional<Instant> endedAt,
            Optional<String> ending,
            Optional<String> report) {}

    /** One line of the journal. */
    sealed interface Entry {

        Instant at();

        record StepBegan(Instant at, String step, String sentence) implements Entry {}

        record StepEnded(Instant at, String step, String outcome, String detail, Duration took) implements Entry {}

        record Acted(Instant at, String step, Action action) implements Entry {}

        record Noted(Instant at, String step, String label, String text) implements Entry {}
    }
}
