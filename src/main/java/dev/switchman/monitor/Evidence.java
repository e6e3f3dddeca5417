package dev.switchman.monitor;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.Failure;
import dev.switchman.topology.HostView;
import dev.switchman.topology.Node;
import dev.switchman.topology.Observation;
import dev.switchman.topology.PeerView;
import dev.switchman.topology.Ping;
import dev.switchman.topology.PortProbe;
import dev.switchman.topology.Suspicion;
import dev.switchman.topology.WitnessHost;
import dev.switchman.topology.WitnessView;

/** One round of evidence about a primary: all asked at once, each answer arriving when it does. */
final class Evidence {

    private final Cluster cluster;
    private final Instant asked;
    private final CompletableFuture<Ping> reconnect;
    private final CompletableFuture<HostView> host;
    private final List<Witness> witnesses;

    private final List<Outsider> outsiders;

    /** A witness host and its answer. */
    private record Outsider(WitnessHost witness, CompletableFuture<PortProbe> probe) {}

    private record Witness(Node node, CompletableFuture<Observation> server, CompletableFuture<PortProbe> probe) {}

    private Evidence(Cluster cluster, Instant asked, CompletableFuture<Ping> reconnect,
            CompletableFuture<HostView> host, List<Witness> witnesses, List<Outsider> outsiders) {
        this.cluster = cluster;
        this.asked = asked;
        this.reconnect = reconnect;
        this.host = host;
        this.witnesses = List.copyOf(witnesses);
        this.outsiders = List.copyOf(outsiders);
    }

    /** Asks everybody; returns at once. */
    static Evidence gather(Eyes eyes, Cluster cluster, Node primary, Instant now) {
        Duration deadline = cluster.detection().timeout();
        return new Evidence(cluster, now, eyes.reconnect(primary, deadline), eyes.host(primary, deadline),
                cluster.others(primary.id())
                        .stream()
                        .map(node -> new Witness(node, eyes.observe(node, deadline),
                                eyes.probe(node, primary.id(), deadline)))
                        .toList(),
                cluster.detection()
                        .witnessHosts()
                        .stream()
                        .map(witness -> new Outsider(witness, eyes.probe(witness, primary.id(), deadline)))
                        .toList());
    }

    /** Asks the witnesses' servers again and keeps their other answers: has the primary been heard meanwhile? */
    Evidence withSecondLook(Eyes eyes, Duration deadline) {
        return new Evidence(cluster, asked, reconnect, host, witnesses.stream()
                .map(witness -> !(server(witness, asked) instanceof Observation.Seen)
                        ? witness
                        : new Witness(witness.node(),
                                eyes.observe(witness.node(), deadline)
                                        .thenCombine(witness.server(),
                                                (again, before) -> again instanceof Observation.Seen
                                                        ? again
                                                        : before),
                                witness.probe()))
                .toList(), outsiders);
    }

    /** @return whether all answers are in; waits for them no longer than this */
    boolean settled(Duration wait) throws InterruptedException {
        List<CompletableFuture<?>> all = new ArrayList<>(List.of(reconnect, host));
        witnesses.forEach(witness -> all.addAll(List.of(witness.server(), witness.probe())));
        outsiders.forEach(outsider -> all.add(outsider.probe()));
        return Waiting.settled(CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)), wait);
    }

    /** @return whether the primary itself and its host have been heard out, so that a crash can be told already */
    boolean tellsCrash() {
        return reconnect.isDone() && host.isDone();
    }

    Instant asked() {
        return asked;
    }

    Ping reconnect() {
        return reconnect.getNow(new Ping.Failed(new Failure.TimedOut(Duration.ZERO, "not yet")));
    }

    List<Observation> servers(Instant now) {
        return witnesses.stream().map(witness -> server(witness, now)).toList();
    }

    HostView host() {
        return host.getNow(new HostView.Silent("not yet"));
    }

    /** @return what is known so far; who has not answered yet abstains */
    Suspicion suspicion(Case file, Instant now) {
        return new Suspicion(file.primary(), file.since(), file.failures(), file.first(), reconnect(), host(),
                witnesses.stream()
                        .map(witness -> new PeerView(witness.node().id(), server(witness, now),
                                file.hearing(server(witness, now), cluster),
                                witness.probe().getNow(new PortProbe.Abstained("not yet"))))
                        .toList(),
                outsiders.stream()
                        .map(outsider -> new WitnessView(outsider.witness().host(),
                                outsider.probe().getNow(new PortProbe.Abstained("not yet"))))
                        .toList());
    }

    private Observation server(Witness witness, Instant now) {
        return witness.server()
                .getNow(new Observation.Unseen(witness.node().id(), now,
                        new Failure.TimedOut(Duration.between(asked, now), "not yet")));
    }

    /** Bounded waiting for answers that never fail: {@link Eyes} turns each fault into an answer. */
    static final class Waiting {

        private Waiting() {}

        static boolean settled(CompletableFuture<?> answers, Duration wait) throws InterruptedException {
            try {
                answers.get(Math.max(0, wait.toMillis()), TimeUnit.MILLISECONDS);
                return true;
            } catch (TimeoutException e) {
                return false;
            } catch (ExecutionException e) {
                throw new IllegalStateException("a look threw past its guard", e.getCause());
            }
        }
    }
}
