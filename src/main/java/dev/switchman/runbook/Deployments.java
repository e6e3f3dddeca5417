package dev.switchman.runbook;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.switchman.topology.ClusterName;

/**
 * Diagrams, decision tables and forms: which are in force, which were, and how others come into force. The engine room
 * implements it. Files go by their name with its ending, {@code failover.bpmn}.
 */
public interface Deployments {

    /** What a run that changes runbooks holds instead of a cluster: one such run at a time. No cluster may have this name. */
    ClusterName PLACE = new ClusterName("runbooks");

    /**
     * Judges files as if they were in force, and says what they would change. Changes nothing; may be repeated.
     *
     * @param files contents by file name
     */
    Outlook look(Map<String, byte[]> files);

    /**
     * Starts the run that asks a second person, with these files. In the store when it returns. Nothing comes into force by
     * this alone.
     *
     * @param by who asks for it, and so cannot agree to it
     */
    Begun begin(Map<String, byte[]> files, String by, String reason);

    /** @return the files that this run is about; empty when it is about none */
    Map<String, byte[]> proposed(RunId run);

    /**
     * Puts the run's files into force, all or none: new runs use them, those under way end on what they began with. Judges
     * them first. Repeating it for the same run changes nothing.
     */
    Put putIntoForce(RunId run, String by, String approvedBy);

    /** @return every version of every file, by name, the newest first */
    List<Version> versions();

    /** @return names of the files of which this program brings a version that the store has never had, in their order */
    List<String> offered();

    /** @param runbook a file's name, with or without its ending @param number one of its versions, from 1 on */
    Found version(String runbook, int number);

    /** @param runbook a file's name, with or without its ending @return as this program brings it */
    Found shipped(String runbook);

    /** What came of looking. */
    sealed interface Outlook {

        /** They may come into force. */
        record Fit(List<Change> changes) implements Outlook {

            public Fit {
                changes = List.copyOf(changes);
            }
        }

        /** @param problems each as {@code file: box: what} */
        record Unfit(List<String> problems) implements Outlook {

            public Unfit {
                problems = List.copyOf(problems);
            }
        }

        /** All of them are in force as they are. */
        record Same() implements Outlook {}
    }

    /**
     * What one file changes, in an operator's words.
     *
     * @param from version in force; empty: there is none
     * @param lines each begins with {@code +} (new), {@code -} (gone) or {@code ~} (otherwise than before)
     */
    record Change(String file, Optional<Integer> from, List<String> lines) {

        public Change {
            lines = List.copyOf(lines);
        }

        @Override
        public String toString() {
            return file + from.map(number -> ", beside version " + number).orElse(", which is new") + "\n  "
                    + String.join("\n  ", lines);
        }
    }

    /** What came of starting. */
    sealed interface Begun {

        record Yes(RunId run) implements Begun {}

        /** Another change waits for its answer. */
        record Held(RunId by) implements Begun {}

        record No(Outlook why) implements Begun {}

        record Refused(String why) implements Begun {}
    }

    /** What came of putting files into force. */
    sealed interface Put {

        /** @param files with their versions, as {@code failover.bpmn version 3} */
        record Done(List<String> files) implements Put {

            public Done {
                files = List.copyOf(files);
            }
        }

        record Refused(List<String> problems) implements Put {

            public Refused {
                problems = List.copyOf(problems);
            }
        }
    }

    /**
     * One version of one file.
     *
     * @param number from 1 on
     * @param checksum SHA-256 of the file, in hexadecimal digits
     * @param by who asked for it; of what came with the program: {@code switchman}
     * @param approvedBy who agreed; empty: nobody was asked
     * @param run that put it into force
     * @param shipped whether this program brings the very same file
     */
    record Version(
            String file,
            int number,
            String checksum,
            Instant at,
            String by,
            Optional<String> approvedBy,
            Optional<RunId> run,
            boolean inForce,
            boolean shipped) {}

    /** What came of looking for a file. */
    sealed interface Found {

        record File(String name, byte[] content) implements Found {}

        record Nothing(String why) implements Found {}
    }
}
