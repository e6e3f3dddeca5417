package dev.switchman.runbook;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the engine keeps of a run, ended or not: the diagrams that it ran by, the boxes that it passed, the tables that it
 * asked. What was sent to servers stands in the journal, which is kept longer. Reading changes nothing.
 */
public interface RunHistory {

    /** @return empty when the engine has no such run any more */
    Optional<Trace> trace(RunId run);

    /** @return all questions that the run has asked, the oldest first */
    List<Asked> asked(RunId run);

    /** @param parts the run itself first, then what it called, in the order of calling @param decided oldest first */
    record Trace(List<Part> parts, List<Decided> decided) {

        public Trace {
            parts = List.copyOf(parts);
            decided = List.copyOf(decided);
        }
    }

    /**
     * One instance of one diagram.
     *
     * @param caller instance that called this one; empty for the run itself
     * @param visits boxes and events, in the order of coming to them
     */
    record Part(String instance, Optional<String> caller, Version diagram, List<Visit> visits) {

        public Part {
            visits = List.copyOf(visits);
        }
    }

    /**
     * The very version of a diagram or table that was used.
     *
     * @param id the engine's
     * @param key file name without its ending
     * @param checksum SHA-256 of the XML as it was deployed, in hex
     */
    record Version(String id, String key, String name, int number, Instant deployedAt, String checksum, String xml) {}

    /** @param until empty while the run stands there @param interrupted left by an event at its border, or by force */
    record Visit(String box, String label, Instant from, Optional<Instant> until, boolean interrupted) {}

    /**
     * One answer of a table.
     *
     * @param part instance that asked
     * @param box in which it asked
     * @param facts inputs by their label
     * @param rules ids of the rows that fired
     * @param answer outputs by name
     */
    record Decided(
            Version table,
            String part,
            String box,
            Instant at,
            Map<String, String> facts,
            List<String> rules,
            Map<String, String> answer) {

        public Decided {
            rules = List.copyOf(rules);
        }
    }

    /** A question to people, with what came of it. @param notBy who might not answer */
    record Asked(String text, Instant at, Optional<Instant> until, int people, Set<String> notBy, Reply reply) {

        public Asked {
            notBy = Set.copyOf(notBy);
        }
    }

    /** What came of a question. */
    sealed interface Reply {

        /** @param agreed who has said yes so far */
        record Awaited(Set<String> agreed) implements Reply {

            public Awaited {
                agreed = Set.copyOf(agreed);
            }
        }

        record Given(Approvals.Answer answer) implements Reply {}

        /** Its time ran out, or the run left it. */
        record None() implements Reply {}
    }
}
