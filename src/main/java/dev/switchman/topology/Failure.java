package dev.switchman.topology;

import java.time.Duration;

/** How a server failed to answer. The difference between these decides what may be done. */
public sealed interface Failure {

    /** The server sent an error packet: it is alive, whatever the error (1040, 1045, 1129 …). */
    record ErrorPacket(int errno, String message) implements Failure {}

    /** Error 1053: alive, and on its way down in good order. */
    record ShuttingDown() implements Failure {}

    /** The host answered that nobody listens on the port. */
    record Refused(String detail) implements Failure {}

    /** An open connection broke: reset, or closed by the other side. */
    record Broken(String detail) implements Failure {}

    /** No answer in time: silence. Host unreachable counts here. */
    record TimedOut(Duration after, String detail) implements Failure {}

    /** The driver, TLS or name resolution failed: says nothing about the server. */
    record Unclear(String detail) implements Failure {}

    /** @return one line for people, without secrets */
    default String sentence() {
        return switch (this) {
            case ErrorPacket(int errno, String message) -> "answered with error " + errno + ": " + message;
            case ShuttingDown() -> "is shutting down (1053)";
            case Refused(String detail) -> "connection refused: " + detail;
            case Broken(String detail) -> "connection broke: " + detail;
            case TimedOut(Duration after, String detail) -> "no answer within " + after.toMillis() + " ms: " + detail;
            case Unclear(String detail) -> "unclear: " + detail;
        };
    }
}
