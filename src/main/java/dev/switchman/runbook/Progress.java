package dev.switchman.runbook;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

import org.springframework.stereotype.Component;

import dev.switchman.topology.GtidSet;
import dev.switchman.topology.NodeId;

/**
 * How far the long work of runs is: catching up, copying a server, fetching what a lost one had. Kept in the memory of this process
 * alone: whoever looks later reads the total in the journal. After a restart it is told anew by the step that runs again.
 */
@Component
public final class Progress {

    /** Work that took less leaves no line in the journal: a line costs a commit, and writes may stand still. */
    static final Duration WORTH_A_LINE = Duration.ofSeconds(2);

    /** What work is counted in. */
    public enum Unit {
        TRANSACTIONS, BYTES;

        /** @return {@code 1 transaction}, {@code 5,000 transactions}, {@code 12 bytes}, {@code 75.2 MiB} */
        public String amount(long count) {
            if (this == BYTES) {
                return count < 1 << 20
                        ? String.format(Locale.ROOT, "%,d bytes", count)
                        : String.format(Locale.ROOT, "%,.1f MiB", count / 1024.0 / 1024.0);
            }
            return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? "transaction" : "transactions");
        }
    }

    private record Key(RunId run, NodeId node, String what) {}

    private final Clock clock;
    private final Map<Key, Work> works = new ConcurrentHashMap<>();

    public Progress(Clock clock) {
        this.clock = clock;
    }

    /**
     * How far one piece of work is.
     *
     * @param what {@code catch-up} …
     * @param stage of the work, in one or two words; empty where it has none
     * @param all of the stage; empty while it is not known
     * @param total of all stages so far
     * @param since when the stage began
     * @param begun when the work began
     * @param at when it was told last
     */
    public record Line(
            NodeId node,
            String what,
            Unit unit,
            String stage,
            long done,
            OptionalLong all,
            long total,
            Instant since,
            Instant begun,
            Instant at) {

        /** @return 0 to 100; empty while it is not known how much there is */
        public Optional<Integer> percent() {
            return all.isEmpty()
                    ? Optional.empty()
                    : Optional.of(all.getAsLong() <= 0 ? 100 : (int) Math.min(100, done * 100 / all.getAsLong()));
        }

        /** @return transactions or bytes of this stage; empty before a tenth of a second has passed */
        public OptionalLong perSecond() {
            return rate(done, Duration.between(since, at));
        }

        /** @return how much longer this stage takes at that rate */
        public Optional<Duration> left() {
            OptionalLong rate = perSecond();
            return all.isEmpty() || rate.isEmpty() || rate.getAsLong() == 0
                    ? Optional.empty()
                    : Optional.of(Duration.ofSeconds((all.getAsLong() - done) / rate.getAsLong()));
        }

        /** @return {@code db3:3306: catch-up, 1,200 of 5,000 transactions (24 %), 400 a second, 9 s left} */
        public String sentence() {
            StringBuilder words = new StringBuilder(node + ": " + what + ", ");
            if (!stage.isEmpty()) {
                words.append(stage).append(", ");
            }
            words.append(all.isPresent() ? numbers(done, all.getAsLong()) : unit.amount(done));
            percent().ifPresent(percent -> words.append(" (").append(percent).append(" %)"));
            perSecond().ifPresent(rate -> words.append(", ").append(speed(rate)));
            left().ifPresent(left -> words.append(", ").append(seconds(left)).append(" left"));
            return words.toString();
        }

        /** @return {@code db3:3306: catch-up, 5,000 transactions in 12 s, 416 a second} */
        String told() {
            Duration took = Duration.between(begun, at);
            return node + ": " + what + ", " + unit.amount(total) + " in " + seconds(took)
                    + rate(total, took).stream().mapToObj(rate -> ", " + speed(rate)).findFirst().orElse("");
        }

        private String numbers(long some, long of) {
            if (unit == Unit.BYTES && of >= 1 << 20) {
                return String.format(Locale.ROOT, "%,d of %,d MiB", some >> 20, of >> 20);
            }
            return String.format(Locale.ROOT, "%,d of ", some) + unit.amount(of);
        }

        private String speed(long rate) {
            return (unit == Unit.BYTES ? unit.amount(rate) : String.format(Locale.ROOT, "%,d", rate)) + " a second";
        }

        private static String seconds(Duration time) {
            return time.toMinutes() < 2 ? time.toSeconds() + " s" : time.toMinutes() + " min";
        }

        private static OptionalLong rate(long count, Duration time) {
            return time.toMillis() < 100 ? OptionalLong.empty() : OptionalLong.of(count * 1_000 / time.toMillis());
        }
    }

    /** One piece of work that is under way. May be told from any thread. Closed when the work is over, however it ended. */
    public final class Work implements AutoCloseable {

        private final Key key;
        private final Unit unit;
        private final Run.Notes journal;
        private final Instant begun = clock.instant();
        private Optional<Line> last = Optional.empty();
        private long earlier;
        private long first = -1;

        private Work(Key key, Unit unit, Run.Notes journal) {
            this.key = key;
            this.unit = unit;
            this.journal = journal;
        }

        /** So much is still missing; how much there was is what was missing when it was told first. */
        public synchronized void missing(GtidSet gtids) {
            long count = gtids.count();
            first = Math.max(first, count);
            told("", first - count, OptionalLong.of(first));
        }

        public void told(long done, long all) {
            told("", done, OptionalLong.of(all));
        }

        /** @param stage another one than before begins to count anew @param all empty while it is not known */
        public synchronized void told(String stage, long done, OptionalLong all) {
            Instant now = clock.instant();
            boolean goesOn = last.filter(line -> line.stage().equals(stage)).isPresent();
            if (!goesOn) {
                earlier += last.map(Line::done).orElse(0L);
            }
            last = Optional.of(new Line(key.node(), key.what(), unit, stage, done, all, earlier + done,
                    goesOn ? last.map(Line::since).orElse(now) : last.isEmpty() ? begun : now, begun, now));
        }

        /** Shown no more. What took long leaves a line with the total in the journal. */
        @Override
        public void close() {
            Optional<Line> line = last();
            works.remove(key, this);
            line.filter(end -> Duration.between(end.begun(), end.at()).compareTo(WORTH_A_LINE) >= 0)
                    .ifPresent(end -> journal.note(Remark.PROGRESS, end.told()));
        }

        /** @return how far it is; empty before anything was told */
        public synchronized Optional<Line> last() {
            return last;
        }
    }

    /** @return the work of that name on that server; one that is under way goes on, else it begins */
    public Work of(RunId run, NodeId node, String what, Unit unit, Run.Notes journal) {
        return works.computeIfAbsent(new Key(run, node, what), key -> new Work(key, unit, journal));
    }

    /** @return the run's work that is under way, in the order of its beginning; what has told nothing yet is left out */
    public List<Line> of(RunId run) {
        return works.values()
                .stream()
                .filter(work -> work.key.run().equals(run))
                .flatMap(work -> work.last().stream())
                .sorted(Comparator.comparing(Line::begun).thenComparing(Line::node))
                .toList();
    }

    /** The run has ended: nothing of it is under way any more. */
    public void forget(RunId run) {
        works.keySet().removeIf(key -> key.run().equals(run));
    }
}
