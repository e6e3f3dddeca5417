package dev.switchman.fleet;

import java.util.ArrayList;
import java.util.List;

import dev.switchman.notify.Notifier;
import dev.switchman.topology.Cluster;

/** Keeps what it was told to send. */
public final class FakeNotifier implements Notifier {

    private final List<Mail> mails = new ArrayList<>();

    public record Mail(String subject, String body) {}

    @Override
    public Sent send(Cluster cluster, String subject, String body) {
        mails.add(new Mail(subject, body));
        return new Sent.Delivered("dba@example.org");
    }

    public List<Mail> mails() {
        return List.copyOf(mails);
    }
}
