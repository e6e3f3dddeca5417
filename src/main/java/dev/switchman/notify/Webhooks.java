package dev.switchman.notify;

import dev.switchman.topology.Receiver;

/** Posts notices to web addresses. */
public interface Webhooks extends AutoCloseable {

    /**
     * One attempt. Returns within the receiver's deadline; at its end the notice may or may not have arrived. May be repeated: the
     * receiver can tell by the notice's id.
     */
    Posted post(Receiver receiver, Notice notice);

    @Override
    void close();

    /** What came of it. No text holds the receiver's address, which may hold a key. */
    sealed interface Posted {

        /** @param answer its status, such as {@code HTTP 200} */
        record Delivered(String answer) implements Posted {}

        /** Might go better later: no connection, no answer in time, HTTP 5xx, 408, 425 or 429. */
        record Failed(String why) implements Posted {}

        /** Will not go better: any other status, a redirect too, which is not followed. */
        record Refused(String why) implements Posted {}
    }
}
