package dev.switchman.topology;

import java.time.Duration;
import java.util.Optional;

/**
 * A web address that is told what happens to a cluster.
 *
 * @param name in logs, metrics and answers: whoever knows the address itself can write there
 * @param url {@code http} or {@code https}; a secret, because chat programs put their key into it
 * @param from the least severity that is told there
 * @param secret signs what is sent; empty: it is not signed
 * @param deadline of one attempt, from connecting to the end of the answer
 * @param tries how long an attempt that failed is made again, counted from what happened
 */
public record Receiver(
        String name,
        Secret url,
        Shape shape,
        Severity from,
        Optional<Secret> secret,
        Duration deadline,
        Duration tries) {

    /** What a receiver understands. */
    public enum Shape {
        /** Switchman's own words, each field with its name. */
        JSON,
        /** An incoming webhook of Slack, and of the programs that take the same. */
        SLACK,
        /** An adaptive card, as workflows of Microsoft Teams take it. */
        TEAMS
    }
}
