package dev.switchman.hook;

import java.time.Duration;

/** What came of a shutdown hook. */
public sealed interface Shutdown {

    /** @return how it ended, as the end of a sentence that begins with "the shutdown hook" */
    String sentence();

    /** What it printed, cut where it was too much; empty if nothing. */
    String output();

    /** Exit status 0: by the operator's word the server accepts no write now, and will not by itself. */
    record Proven(Duration took, String output) implements Shutdown {

        @Override
        public String sentence() {
            return "ended with status 0 after " + took.toMillis() + " ms";
        }
    }

    /** Anything else proves nothing. */
    record NotProven(String sentence, Duration took, String output) implements Shutdown {}
}
