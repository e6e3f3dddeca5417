package dev.switchman.web;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.switchman.audit.Journal.RunRecord;
import dev.switchman.runbook.Ending;

/**
 * One run in a list.
 *
 * @param ending in words, or {@code open}
 * @param mood {@code good}, {@code warn}, {@code bad} or {@code unknown}
 */
record RunLine(
        String run,
        String cluster,
        String runbook,
        String startedBy,
        String cause,
        String startedAt,
        @Nullable String took,
        String ending,
        String mood) {

    static RunLine of(RunRecord run) {
        return new RunLine(run.run(), run.cluster().value(), run.runbook(), run.startedBy(), run.cause(),
                Moments.at(run.startedAt()),
                run.endedAt().map(end -> Moments.took(Duration.between(run.startedAt(), end))).orElse(null),
                run.ending().map(RunLine::words).orElse("open"), mood(run.ending()));
    }

    static String words(String ending) {
        return ending.toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    static String mood(Optional<String> name) {
        if (name.isEmpty()) {
            return "unknown";
        }
        Optional<Ending> ending = Arrays.stream(Ending.values())
                .filter(known -> known.name().equals(name.get()))
                .findFirst();
        return switch (ending.map(Ending::exitCode).orElse(1)) {
            case 0 -> "good";
            case 4, 10 -> "warn";
            default -> "bad";
        };
    }
}
