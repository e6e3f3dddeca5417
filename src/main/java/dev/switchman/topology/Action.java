package dev.switchman.topology;

import java.time.Duration;

/**
 * One statement or command that was sent to a server or host, with what came back. Secrets are masked in the text.
 *
 * @param answer result in a few words, or error number and message
 */
public record Action(NodeId node, Channel channel, String text, Duration took, String answer) {

    public enum Channel {
        SQL, SSH
    }

    /** Told of each action as it ends; the journal implements it. Called on the thread that acted. */
    @FunctionalInterface
    public interface Listener {
        void acted(Action action);
    }
}
