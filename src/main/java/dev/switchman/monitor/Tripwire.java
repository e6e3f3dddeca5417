package dev.switchman.monitor;

import java.util.Optional;
import java.util.function.BiConsumer;

import dev.switchman.topology.Failure;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;

/** One thread that waits for a connection to the primary to break. It trips once, and is armed again by the next healthy tick. */
final class Tripwire implements AutoCloseable {

    private final Eyes eyes;
    private final BiConsumer<NodeId, Failure> broken;
    private Optional<Thread> thread = Optional.empty();
    private Optional<NodeId> node = Optional.empty();
    private boolean closed;

    Tripwire(Eyes eyes, BiConsumer<NodeId, Failure> broken) {
        this.eyes = eyes;
        this.broken = broken;
    }

    synchronized void arm(Node primary) {
        if (closed || node.filter(primary.id()::equals).isPresent() && thread.filter(Thread::isAlive).isPresent()) {
            return;
        }
        disarm();
        node = Optional.of(primary.id());
        thread = Optional.of(Thread.ofVirtual().name("tripwire " + primary).start(() -> await(primary)));
    }

    private void await(Node primary) {
        try {
            Failure failure = eyes.awaitBreak(primary);
            if (!Thread.interrupted()) {
                broken.accept(primary.id(), failure);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // disarmed: the thread ends here
        }
    }

    synchronized void disarm() {
        thread.ifPresent(Thread::interrupt);
        thread = Optional.empty();
        node = Optional.empty();
    }

    /** Ends for good: a tick that still runs cannot arm it again. */
    @Override
    public synchronized void close() {
        closed = true;
        disarm();
    }
}
