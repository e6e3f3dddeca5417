package dev.switchman.verdict;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

import dev.switchman.topology.NodeId;

/** What is the matter with a cluster. Each verdict says in {@link #sentence()} what was seen and what Switchman does. */
public sealed interface Verdict {

    record Healthy(NodeId primary) implements Verdict {}

    /** Alive and slow, or answering with errors (1040 and friends). */
    record Busy(NodeId primary, String how) implements Verdict {}

    /** Failing, and not yet enough evidence for more. */
    record Suspected(NodeId primary, String soFar) implements Verdict {}

    /** mysqld is gone, its host is up, everybody agrees. */
    record Crashed(NodeId primary, String evidence) implements Verdict {}

    /** The whole host is silent to everybody. */
    record HostLost(NodeId primary, String evidence) implements Verdict {}

    /** Accepts connections and answers nobody: a frozen host or server. */
    record Hung(NodeId primary, String evidence) implements Verdict {}

    /** Commits hang or fail, and its host says that there is no room, or that nothing may be written there. */
    record DiskFull(NodeId primary, String evidence) implements Verdict {}

    /** Commits hang, and its host says that an access to the disk does not return. */
    record DiskStalled(NodeId primary, String evidence) implements Verdict {}

    /** Only we have lost it. */
    record IsolatedFromUs(NodeId primary, String evidence) implements Verdict {}

    /** Was stopped in good order, or its supervisor restarts it: within its grace. */
    record Restarting(NodeId primary, String evidence) implements Verdict {}

    record ShuttingDown(NodeId primary) implements Verdict {}

    /** The known primary is up and read-only, and no other server is writable: it has restarted. */
    record PrimaryReadOnly(NodeId primary) implements Verdict {}

    /** Others accept writes beside the primary. */
    record TwoWritable(NodeId primary, Set<NodeId> others) implements Verdict {

        public TwoWritable {
            others = Set.copyOf(others);
        }
    }

    /** A quarantined server answers again and must be met: it is writable, or it holds the virtual IP, or its fence was never proven. */
    record QuarantinedReturned(NodeId primary, NodeId returned, String why) implements Verdict {}

    /** The virtual IP is on no host, on several, or on another than the primary's. */
    record VirtualIpMisplaced(NodeId primary, Set<NodeId> holders) implements Verdict {

        public VirtualIpMisplaced {
            holders = Set.copyOf(holders);
        }
    }

    /** Replicas that answer and do not replicate from the primary, with why. */
    record ReplicationBroken(NodeId primary, Map<NodeId, String> replicas) implements Verdict {

        public ReplicationBroken {
            replicas = Map.copyOf(replicas);
        }
    }

    /** Replicas that do not answer. */
    record ReplicasLost(NodeId primary, Set<NodeId> replicas) implements Verdict {

        public ReplicasLost {
            replicas = Set.copyOf(replicas);
        }
    }

    /** Nobody answers: we are the isolated ones, or there is nothing left to act on. */
    record EverythingLost(String evidence) implements Verdict {}

    /** No primary is remembered, and what is seen does not name exactly one. */
    record NoKnownPrimary(String seen) implements Verdict {}

    record Unclear(NodeId primary, String why) implements Verdict {}

    /** @return whether the primary is lost, so that a failover is due */
    default boolean primaryLost() {
        return switch (this) {
            case Crashed crashed -> true;
            case HostLost lost -> true;
            case Hung hung -> true;
            case DiskFull full -> true;
            case DiskStalled stalled -> true;
            case Healthy healthy -> false;
            case Busy busy -> false;
            case Suspected suspected -> false;
            case IsolatedFromUs isolated -> false;
            case Restarting restarting -> false;
            case ShuttingDown down -> false;
            case PrimaryReadOnly readOnly -> false;
            case TwoWritable two -> false;
            case QuarantinedReturned returned -> false;
            case VirtualIpMisplaced misplaced -> false;
            case ReplicationBroken broken -> false;
            case ReplicasLost lost -> false;
            case EverythingLost lost -> false;
            case NoKnownPrimary none -> false;
            case Unclear unclear -> false;
        };
    }

    /** @return whether the verdict of this word is one of a lost primary that answers and accepts statements */
    static boolean answersAndCannotCommit(String word) {
        return word.equals("disk-full") || word.equals("disk-stalled");
    }

    /** @return kebab-case word, stable over releases, for tables, metrics and JSON: {@code host-lost} */
    default String word() {
        return getClass().getSimpleName().replaceAll("(?<!^)([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
    }

    /** @return what was seen and what Switchman does about it, for the person on call */
    default String sentence() {
        return switch (this) {
            case Healthy(NodeId primary) -> primary + " is the primary and answers.";
            case Busy(NodeId primary, String how) ->
                primary + " is alive but busy (" + how + "). Nothing is done: a failover would not help.";
            case Suspected(NodeId primary, String soFar) ->
                primary + " does not answer (" + soFar + "). More evidence is being gathered.";
            case Crashed(NodeId primary, String evidence) ->
                primary + " has crashed (" + evidence + "). A failover is due.";
            case HostLost(NodeId primary, String evidence) ->
                "The host of " + primary + " is silent to everybody (" + evidence + "). A failover is due.";
            case Hung(NodeId primary, String evidence) ->
                primary + " accepts connections and answers nobody (" + evidence + "). A failover is due.";
            case DiskFull(NodeId primary, String evidence) ->
                primary + " answers and can commit nothing: its disk is full or read-only (" + evidence
                        + "). A failover is due.";
            case DiskStalled(NodeId primary, String evidence) ->
                primary + " answers and can commit nothing: its disk does not (" + evidence + "). A failover is due.";
            case IsolatedFromUs(NodeId primary, String evidence) ->
                "Only this manager has lost " + primary + " (" + evidence + "). Nothing is done: the primary works.";
            case Restarting(NodeId primary, String evidence) ->
                primary + " is restarting (" + evidence + "). It is given its grace.";
            case ShuttingDown(NodeId primary) -> primary + " is shutting down in good order. It is given its grace.";
            case PrimaryReadOnly(NodeId primary) ->
                primary + " is the primary and refuses writes: it has restarted. It is reopened.";
            case TwoWritable(NodeId primary, Set<NodeId> others) ->
                names(others) + (others.size() == 1 ? " accepts" : " accept") + " writes beside the primary " + primary
                        + (others.size() == 1 ? ". It is fenced." : ". They are fenced.");
            case QuarantinedReturned(NodeId primary, NodeId returned, String why) -> "The former primary " + returned
                    + " is back (" + why + "). It is fenced and kept in quarantine; " + primary + " stays the primary.";
            case VirtualIpMisplaced(NodeId primary, Set<NodeId> holders) -> "The virtual IP is on "
                    + (holders.isEmpty() ? "no host" : names(holders)) + " and belongs on the primary " + primary + ".";
            case ReplicationBroken(NodeId primary, Map<NodeId, String> replicas) ->
                "Replication from " + primary + " is broken: " + new TreeMap<>(replicas).entrySet()
                        .stream()
                        .map(replica -> replica.getKey() + " (" + replica.getValue() + ")")
                        .collect(Collectors.joining(", ")) + ".";
            case ReplicasLost(NodeId primary, Set<NodeId> replicas) ->
                (replicas.size() == 1 ? "Replica " : "Replicas ") + names(replicas)
                        + (replicas.size() == 1 ? " does" : " do") + " not answer. " + primary
                        + " is the primary and answers.";
            case EverythingLost(String evidence) ->
                "Nobody answers (" + evidence + "). Nothing is done: this manager may be the isolated one.";
            case NoKnownPrimary(String seen) ->
                "No primary is known, and what is seen does not name exactly one (" + seen + "). Nothing is done.";
            case Unclear(NodeId primary, String why) ->
                "What ails " + primary + " is not clear (" + why + "). Nothing is done.";
        };
    }

    private static String names(Set<NodeId> nodes) {
        return new TreeSet<>(nodes).stream().map(NodeId::toString).collect(Collectors.joining(", "));
    }
}
