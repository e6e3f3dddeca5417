package dev.switchman.notify;

import java.time.Clock;
import java.time.Duration;

/** Makes notifiers. */
public final class Notifiers {

    private Notifiers() {}

    /**
     * Mails to the addresses of the cluster's {@link dev.switchman.topology.MailSettings}, as text and as HTML. Connecting, each
     * answer and each write may take 5 s, a whole delivery 15 s.
     */
    public static Notifier byMail() {
        return new MailNotifier(Duration.ofSeconds(5), Duration.ofSeconds(15));
    }

    /** Posts to web addresses over HTTP/1.1; a redirect is not followed. */
    public static Webhooks overHttp(Clock clock) {
        return new HttpWebhooks(clock);
    }
}
