package dev.switchman.notify;

import dev.switchman.topology.Cluster;

/** Sends a report to the people of a cluster. Never holds up a run longer than its deadline. */
public interface Notifier {

    Sent send(Cluster cluster, String subject, String body);

    /** What came of it. */
    sealed interface Sent {

        record Delivered(String to) implements Sent {}

        /** No mail is configured for this cluster. */
        record NobodyToTell() implements Sent {}

        record Failed(String why) implements Sent {}
    }
}
