package dev.switchman.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

import dev.switchman.topology.Secret;

/**
 * What the command line on this machine shows instead of a password: {@code Authorization: Bearer …}. Has all roles, and
 * no brake on guessing holds it up.
 *
 * @param secret random, long enough that nobody guesses it
 */
public record LocalToken(Secret secret) {

    /** Takes the same time whatever the difference is. */
    boolean is(String other) {
        return MessageDigest.isEqual(secret.reveal().getBytes(StandardCharsets.UTF_8),
                other.getBytes(StandardCharsets.UTF_8));
    }
}
