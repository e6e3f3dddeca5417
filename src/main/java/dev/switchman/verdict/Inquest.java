package dev.switchman.verdict;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.switchman.topology.Detection;
import dev.switchman.topology.Failure;
import dev.switchman.topology.HostView;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.PeerView;
import dev.switchman.topology.Ping;
import dev.switchman.topology.PortProbe;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.Snapshot;
import dev.switchman.topology.Suspicion;
import dev.switchman.topology.WitnessView;

/**
 * What became of a primary that failed to answer. The order of the questions: does it answer after all, does anybody
 * else reach it, is there anybody to fail over to, what does its host say, how many have lost it.
 */
final class Inquest {

    /** What one witness says about the primary. */
    private enum Vote {
        REACHES, LOST, ABSTAINS
    }

    private final Snapshot snapshot;
    private final Suspicion suspicion;
    private final Detection detection;
    private final NodeId primary;

    Inquest(Snapshot snapshot, Suspicion suspicion) {
        this.snapshot = snapshot;
        this.suspicion = suspicion;
        this.detection = snapshot.cluster().detection();
        this.primary = suspicion.primary();
    }

    Verdict verdict() {
        return switch (suspicion.reconnect()) {
            // A ping that writes hangs as the clients' commits do.
            case Ping.Answered(Duration took) -> DiskTrouble.of(snapshot, primary)
                    .orElseGet(() -> new Verdict.Busy(primary, suspicion.first().sentence()
                            + "; a fresh connection answered within " + took.toMillis() + " ms"));
            case Ping.Failed(Failure failure) -> failed(failure);
        };
    }

    private Verdict failed(Failure reconnect) {
        return switch (reconnect) {
            case Failure.ErrorPacket error -> new Verdict.Busy(primary, error.sentence());
            case Failure.ShuttingDown down -> shuttingDown();
            // Says nothing about the server, whatever the others say: the fault is on this side.
            case Failure.Unclear unclear -> new Verdict.Unclear(primary, unclear.detail());
            case Failure.Refused refused -> lost(reconnect);
            case Failure.Broken broken -> lost(reconnect);
            case Failure.TimedOut timedOut -> lost(reconnect);
        };
    }

    /** It answers and takes no work any more. Past its grace nobody is served: as good as hung, and nobody needs to vote. */
    private Verdict shuttingDown() {
        if (withinGrace()) {
            return new Verdict.ShuttingDown(primary);
        }
        return nobodyElseAnswers()
                ? everythingLost()
                : new Verdict.Hung(primary, "still shutting down after " + elapsed() + "; " + evidence());
    }

    private Verdict lost(Failure reconnect) {
        if (anyProbe(PortProbe.Greeted.class)) {
            return new Verdict.IsolatedFromUs(primary, evidence());
        }
        if (nobodyElseAnswers()) {
            return everythingLost();
        }
        return switch (suspicion.host()) {
            case HostView.Seen host -> hostSeen(host);
            case HostView.Closed closed -> hostUnseen(reconnect, true);
            case HostView.Silent silent -> hostUnseen(reconnect, false);
        };
    }

    // ---- the host answers ----

    private Verdict hostSeen(HostView.Seen host) {
        if (host.mysqld() && host.listening()) {
            // Our ssh gets through, so we are not the isolated ones: replicas that still hear it mean that it is slow.
            return anyVote(Vote.REACHES)
                    ? new Verdict.Busy(primary, "replicas still hear it; " + evidence())
                    : byQuorum(new Verdict.Hung(primary, evidence()));
        }
        if (anyVote(Vote.REACHES)) {
            return new Verdict.IsolatedFromUs(primary, evidence());
        }
        if (host.mysqld()) {
            return withinGrace()
                    ? new Verdict.Restarting(primary, "mysqld runs and does not listen; " + evidence())
                    : byQuorum(new Verdict.Crashed(primary,
                            "mysqld does not listen after " + elapsed() + "; " + evidence()));
        }
        if (host.listening()) {
            return byQuorum(new Verdict.Crashed(primary, "something that is not mysqld listens; " + evidence()));
        }
        return gone(host);
    }

    /** No process, nobody listens: declared whatever the failure count, unless it went in good order. */
    private Verdict gone(HostView.Seen host) {
        if (mayComeBack(host)) {
            return withinGrace()
                    ? new Verdict.Restarting(primary, evidence())
                    : new Verdict.Crashed(primary, "not back after " + elapsed() + "; " + evidence());
        }
        if (!enoughFailures() && someReceiverStillRuns()) {
            return new Verdict.Suspected(primary, evidence());
        }
        return new Verdict.Crashed(primary, evidence());
    }

    /** Ended by a signal means crashed, also while its supervisor makes a new attempt; masked means that none will. */
    private boolean mayComeBack(HostView.Seen host) {
        boolean goodOrder = switch (host.ending()) {
            case KILLED -> false;
            case CLEAN -> true;
            case RUNNING, UNKNOWN -> suspicion.first() instanceof Failure.ShuttingDown
                    || host.unit() == HostView.Unit.CHANGING || host.unit() == HostView.Unit.INACTIVE;
        };
        return goodOrder && switch (host.unit()) {
            case FAILED, MASKED -> false;
            case NONE, ACTIVE, CHANGING, INACTIVE -> true;
        };
    }

    /** A socket that closed is noticed within milliseconds; a receiver that still runs may be about to notice. */
    private boolean someReceiverStillRuns() {
        return suspicion.peers()
                .stream()
                .anyMatch(peer -> receiver(peer).filter(ReplicaState.Receiver.RUNNING::equals).isPresent()
                        && vote(peer) != Vote.LOST);
    }

    // ---- the host says nothing ----

    private Verdict hostUnseen(Failure reconnect, boolean hostIsUp) {
        if (anyVote(Vote.REACHES)) {
            return new Verdict.IsolatedFromUs(primary, evidence());
        }
        return byQuorum(switch (reconnect) {
            case Failure.Refused refused -> stopped();
            case Failure.Broken broken -> new Verdict.Hung(primary, evidence());
            case Failure.TimedOut timedOut -> silent(hostIsUp);
            case Failure.ErrorPacket error -> new Verdict.Busy(primary, error.sentence());
            case Failure.ShuttingDown down -> new Verdict.ShuttingDown(primary);
            case Failure.Unclear unclear -> new Verdict.Unclear(primary, unclear.detail());
        });
    }

    private Verdict stopped() {
        return suspicion.first() instanceof Failure.ShuttingDown && withinGrace()
                ? new Verdict.Restarting(primary, evidence())
                : new Verdict.Crashed(primary, evidence());
    }

    private Verdict silent(boolean hostIsUp) {
        if (anyProbe(PortProbe.Refused.class)) {
            return stopped();
        }
        return hostIsUp || anyProbe(PortProbe.Mute.class)
                ? new Verdict.Hung(primary, evidence())
                : new Verdict.HostLost(primary, evidence());
    }

    // ---- votes ----

    /** Without word from the host itself, patience and witnesses decide. */
    private Verdict byQuorum(Verdict loss) {
        return enoughFailures() && enoughWitnesses() ? loss : new Verdict.Suspected(primary, evidence());
    }

    private boolean enoughFailures() {
        return suspicion.failures() >= detection.failures();
    }

    /** Those that cannot answer abstain; all that answer are enough, when there are fewer than were asked for. */
    private boolean enoughWitnesses() {
        long lost = votes(Vote.LOST);
        long voting = lost + votes(Vote.REACHES);
        return detection.witnesses() == 0 || lost > 0 && lost >= Math.min(detection.witnesses(), voting);
    }

    private boolean anyVote(Vote vote) {
        return votes(vote) > 0;
    }

    private long votes(Vote vote) {
        return suspicion.peers().stream().filter(peer -> vote(peer) == vote).count()
                + suspicion.witnesses().stream().filter(witness -> vote(witness.probe()) == vote).count();
    }

    private boolean anyProbe(Class<? extends PortProbe> kind) {
        return Stream.concat(suspicion.peers().stream().map(PeerView::probe),
                suspicion.witnesses().stream().map(WitnessView::probe)).anyMatch(kind::isInstance);
    }

    private Vote vote(PeerView peer) {
        boolean hears = peer.progress() == PeerView.Hearing.HEARS
                && receiver(peer).filter(ReplicaState.Receiver.RUNNING::equals).isPresent();
        if (hears) {
            return Vote.REACHES;
        }
        Vote vote = vote(peer.probe());
        return vote == Vote.ABSTAINS && (peer.progress() == PeerView.Hearing.LOST || cannotConnect(peer))
                ? Vote.LOST
                : vote;
    }

    private static Vote vote(PortProbe probe) {
        return switch (probe) {
            case PortProbe.Greeted greeted -> Vote.REACHES;
            case PortProbe.Refused refused -> Vote.LOST;
            case PortProbe.Mute mute -> Vote.LOST;
            case PortProbe.TimedOut timedOut -> Vote.LOST;
            case PortProbe.Abstained abstained -> Vote.ABSTAINS;
        };
    }

    /** A receiver that tries in vain, with an error of the client's side (2000 to 2999): no packet came from the server. */
    private boolean cannotConnect(PeerView peer) {
        return replication(peer)
                .filter(state -> state.receiver() == ReplicaState.Receiver.CONNECTING
                        && state.receiverErrno() >= 2000 && state.receiverErrno() < 3000)
                .isPresent();
    }

    private Optional<ReplicaState.Receiver> receiver(PeerView peer) {
        return replication(peer).map(ReplicaState::receiver);
    }

    /** @return the peer's channel, if it is one from the suspected primary */
    private Optional<ReplicaState> replication(PeerView peer) {
        return peer.server() instanceof Observation.Seen seen
                ? seen.server().replication().filter(state -> Diagnosis.follows(snapshot, state, primary))
                : Optional.empty();
    }

    private boolean nobodyElseAnswers() {
        return suspicion.peers()
                .stream()
                .filter(peer -> !snapshot.quarantined().contains(peer.replica()))
                .noneMatch(peer -> peer.server() instanceof Observation.Seen);
    }

    private Verdict everythingLost() {
        return new Verdict.EverythingLost(primary + " and no replica answers; " + evidence());
    }

    // ---- time and words ----

    private boolean withinGrace() {
        return Duration.between(suspicion.since(), snapshot.at()).compareTo(detection.restartGrace()) < 0;
    }

    private String elapsed() {
        return Duration.between(suspicion.since(), snapshot.at()).toSeconds() + " s";
    }

    private String evidence() {
        List<String> parts = new ArrayList<>();
        if (suspicion.reconnect() instanceof Ping.Failed(Failure failure)) {
            parts.add(failure.sentence());
        }
        parts.add(suspicion.failures() == 1 ? "1 failed ping" : suspicion.failures() + " failed pings in a row");
        parts.add(hostWords());
        parts.add(suspicion.peers().stream().map(Inquest::words).collect(Collectors.joining(", ")));
        parts.add(suspicion.witnesses()
                .stream()
                .map(witness -> "witness " + witness.host() + " " + words(witness.probe()))
                .collect(Collectors.joining(", ")));
        return parts.stream().filter(part -> !part.isEmpty()).collect(Collectors.joining("; "));
    }

    private String hostWords() {
        return switch (suspicion.host()) {
            case HostView.Seen host -> "its host says: " + (host.mysqld() ? "mysqld runs" : "no mysqld")
                    + (host.listening() ? ", port listening" : ", nobody listens")
                    + (host.unit() == HostView.Unit.NONE ? "" : ", unit " + word(host.unit()))
                    + (host.mysqld() ? "" : ", ended " + word(host.ending()));
            case HostView.Closed(String why) -> "its host is up and says nothing: " + why;
            case HostView.Silent(String why) -> "its host is silent: " + why;
        };
    }

    private static String words(PeerView peer) {
        String server = switch (peer.server()) {
            case Observation.Unseen unseen -> "does not answer itself";
            case Observation.Seen seen -> seen.server().replication().map(Inquest::words).orElse("follows nobody");
        };
        String hearing = switch (peer.progress()) {
            case HEARS -> ", hears it";
            case LOST -> ", hears nothing";
            case UNKNOWN -> "";
        };
        return peer.replica() + " " + server + hearing + ", " + words(peer.probe());
    }

    private static String words(PortProbe probe) {
        return switch (probe) {
            case PortProbe.Greeted greeted -> "port greets";
            case PortProbe.Mute mute -> "port opens and is mute";
            case PortProbe.Refused refused -> "port refused";
            case PortProbe.TimedOut timedOut -> "port silent";
            case PortProbe.Abstained(String why) -> "port not tried: " + why;
        };
    }

    private static String words(ReplicaState state) {
        return "receiver " + word(state.receiver());
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
