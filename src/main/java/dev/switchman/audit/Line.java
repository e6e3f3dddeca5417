package dev.switchman.audit;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import dev.switchman.topology.Action;

/** One write to the store. */
sealed interface Line {

    record RunStarted(Journal.RunRecord run) implements Line {}

    record RunEnded(String run, String ending, String report, Instant at) implements Line {}

    /** Takes what was found out of the journal's beginning. @param policy such as {@code audit.keep=7y} */
    record Purge(Prefix.Found found, String policy, Instant at) implements Line {}

    /** @param kind {@code BEGAN}, {@code ENDED}, {@code ACTED} or {@code NOTED} */
    record Entered(
            String run,
            Instant at,
            Kind kind,
            String step,
            String label,
            String text,
            Optional<Duration> took,
            Optional<Action> action) implements Line {

        static Entered began(String run, Instant at, String step, String sentence) {
            return new Entered(run, at, Kind.BEGAN, step, "", sentence, Optional.empty(), Optional.empty());
        }

        static Entered ended(String run, Instant at, String step, String outcome, String detail, Duration took) {
            return new Entered(run, at, Kind.ENDED, step, outcome, detail, Optional.of(took), Optional.empty());
        }

        static Entered acted(String run, Instant at, String step, Action action) {
            return new Entered(run, at, Kind.ACTED, step, action.channel().name(), action.text(),
                    Optional.of(action.took()), Optional.of(action));
        }

        static Entered noted(String run, Instant at, String step, String label, String text) {
            return new Entered(run, at, Kind.NOTED, step, label, text, Optional.empty(), Optional.empty());
        }
    }

    enum Kind {
        BEGAN, ENDED, ACTED, NOTED
    }
}
