package dev.switchman.topology;

import java.time.Duration;

/** The answer to one ping. */
public sealed interface Ping {

    record Answered(Duration took) implements Ping {}

    record Failed(Failure failure) implements Ping {}
}
