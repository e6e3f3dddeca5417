package dev.switchman.fleet;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

import dev.switchman.notify.Notifier;
import dev.switchman.topology.Cluster;

/** Keeps what it was told to send. */
public final class FakeNotifier implements Notifier {

    private final List<Mail> mails = new ArrayList<>();
    private final Deque<Supplier<Sent>> faults = new ArrayDeque<>();
    private int attempts;

    public record Mail(String subject, String body) {}

    @Override
    public Sent send(Cluster cluster, String subject, String body) {
        attempts++;
        Optional<Supplier<Sent>> fault = Optional.ofNullable(faults.poll());
        if (fault.isPresent()) {
            return fault.get().get();
        }
        mails.add(new Mail(subject, body));
        return new Sent.Delivered("dba@example.org");
    }

    /** So many attempts end like this. */
    public void fail(int times, Supplier<Sent> fault) {
        for (int i = 0; i < times; i++) {
            faults.add(fault);
        }
    }

    public int attempts() {
        return attempts;
    }

    public List<Mail> mails() {
        return List.copyOf(mails);
    }
}
