package dev.switchman.audit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

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
        return sha256(text.toString());
    }

    static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
