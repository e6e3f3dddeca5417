package dev.switchman.notify;

import java.net.URI;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Severity;

/**
 * One thing that people are told about a cluster.
 *
 * @param id the same at every attempt and at every receiver: who has seen it, has seen it
 * @param reach tells those too whose least severity is this: who heard of a trouble hears of its end
 * @param headline one line
 * @param text more, over several lines; may be empty
 * @param about further words by name, such as {@code run}, {@code ending}, {@code verdict}, {@code node}
 * @param link a page with more
 */
public record Notice(
        String id,
        ClusterName cluster,
        String tier,
        Instant at,
        Kind kind,
        Severity severity,
        Severity reach,
        String headline,
        String text,
        Map<String, String> about,
        Optional<URI> link) {

    /** What kind of thing it is. */
    public enum Kind {
        RUN_BEGAN, RUN_ENDED,
        /** A run waits for a person. */
        DECISION_NEEDED,
        /** Something is the matter, as the watch says, or is not any more. */
        VERDICT,
        /** A disk wants room. */
        DISK,
        /** Nothing happened: somebody wants to see whether this arrives. */
        TEST;

        /** @return the word that stands in what is sent; stable over releases */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    public Notice {
        about = Map.copyOf(about);
    }

    /** @return whether a receiver of this least severity is told */
    public boolean reaches(Severity from) {
        return severity.or(reach).compareTo(from) >= 0;
    }
}
