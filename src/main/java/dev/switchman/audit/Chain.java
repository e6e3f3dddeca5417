package dev.switchman.audit;

import java.util.List;
import java.util.Optional;

import dev.switchman.topology.Sha256;

/**
 * Ties each line of the journal to all before it: a line's link is the SHA-256 of the link before it and of all that the line
 * says. Whoever changes, removes or inserts a line must make all later links anew, and then the newest is no longer the one
 * that was sent out.
 */
final class Chain {

    /** Before the first line. */
    static final String BEGINNING = "0".repeat(64);

    private Chain() {}

    /** @param fields in a fixed order; where each ends is part of what is hashed, so that no text can move between two */
    static String next(String link, List<Optional<String>> fields) {
        StringBuilder text = new StringBuilder(link);
        for (Optional<String> field : fields) {
            text.append('\n').append(field.map(value -> value.length() + ":" + value).orElse("-"));
        }
        return Sha256.of(text.toString());
    }
}
