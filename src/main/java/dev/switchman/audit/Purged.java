package dev.switchman.audit;

import java.time.Instant;

/**
 * What was taken out of the journal's beginning under a policy of retention, in all passes together.
 *
 * @param last when the newest of these lines was written
 * @param policy such as {@code audit.keep=7y}, of the latest pass
 * @param at when the latest pass was
 * @param before the link before the first line that was kept
 */
public record Purged(long lines, long runs, Instant last, String policy, Instant at, String before) {}
