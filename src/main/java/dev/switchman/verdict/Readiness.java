package dev.switchman.verdict;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.Finding;
import dev.switchman.topology.Finding.Grade;
import dev.switchman.topology.HostView;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.ServerVersion;
import dev.switchman.topology.Sessions;
import dev.switchman.topology.Snapshot;

/** Whether a healthy cluster's writes may be handed from one server to another: a list of named checks. */
public final class Readiness {

    /** Findings of {@link Precheck} that are no matter of a switchover: it keeps the old primary as a replica. */
    private static final Set<String> OF_FAILOVERS = Set.of("semi-sync-after-failover", "promotable-replica");
    /** What keeps the handing over itself from working or from being safe; nobody may wave it through. */
    private static final Set<String> ALWAYS_BLOCK = Set.of("one-primary", "gtid-mode", "virtual-ip", "auto-position",
            "one-channel", "no-replication-filters");
    /** The same, if it concerns one of the two servers. */
    private static final Set<String> BLOCK_FOR_THE_TWO = Set.of("server-answers", "replication-running",
            "replication-lag", "no-errant-transactions", "no-prepared-xa", "logs-replica-updates", "version-order");

    /** What an inspection of a server tells of the right to do it; always shown. Hosts' findings only where they are bad. */
    private static final Set<String> RIGHTS = Set.of("privileges", "replication-account");

    private final Snapshot snapshot;
    private final Cluster cluster;
    private final NodeId primary;
    private final NodeId candidate;
    private final List<Check> checks = new ArrayList<>();

    private Readiness(Snapshot snapshot, NodeId primary, NodeId candidate) {
        this.snapshot = snapshot;
        this.cluster = snapshot.cluster();
        this.primary = primary;
        this.candidate = candidate;
    }

    /** What a check that does not pass means. */
    public enum Severity {
        BLOCKS,
        /** Goes on only if whoever starts the switchover names the check. */
        NEEDS_OVERRIDE, WARNS
    }

    public enum Result {
        PASSED, FAILED,
        /** It could not be looked at. */
        UNKNOWN
    }

    /**
     * One named check.
     *
     * @param name kebab-case, stable over releases
     * @param subject what was looked at: a node, an address, the cluster
     * @param evidence one line; says what to do when it did not pass
     */
    public record Check(String name, String subject, Severity severity, Result result, String evidence) {

        public boolean passed() {
            return result == Result.PASSED;
        }

        /** @param overridden names of checks that a person has taken upon himself */
        public boolean stops(Set<String> overridden) {
            return !passed() && switch (severity) {
                case BLOCKS -> true;
                case NEEDS_OVERRIDE -> !overridden.contains(name);
                case WARNS -> false;
            };
        }

        /** @return one line for people */
        public String sentence() {
            return name + " " + subject + ": " + evidence;
        }
    }

    /** The table's answer about the candidate. */
    public sealed interface Fitness {

        String reason();

        record Fit(String reason) implements Fitness {}

        record Unfit(String reason) implements Fitness {}
    }

    /**
     * @param candidate server that is to become the primary
     * @param fitness whether a failover might choose it too
     * @param sessions what clients have under way on the servers that were asked
     * @param inspected what inspections of both servers, of their hosts, and of the replication account have found
     * @return one check for each subject, in a fixed order
     */
    public static List<Check> of(Snapshot snapshot, NodeId primary, NodeId candidate, Fitness fitness,
            Map<NodeId, Sessions> sessions, List<Finding> inspected) {
        Readiness readiness = new Readiness(snapshot, primary, candidate);
        readiness.candidate(fitness);
        Precheck.of(snapshot)
                .stream()
                .filter(finding -> !OF_FAILOVERS.contains(finding.check()))
                .forEach(readiness::found);
        readiness.hosts();
        inspected.forEach(readiness::inspected);
        readiness.quarantine();
        List.of(primary, candidate)
                .forEach(node -> readiness.sessions(node,
                        Optional.ofNullable(sessions.get(node)).orElse(new Sessions.Unseen("it was not asked"))));
        readiness.versions();
        readiness.semiSync();
        readiness.events();
        return List.copyOf(readiness.checks);
    }

    private void candidate(Fitness fitness) {
        switch (fitness) {
            case Fitness.Fit fit -> add("candidate-eligible", candidate, Severity.BLOCKS, Result.PASSED, fit.reason());
            case Fitness.Unfit unfit -> add("candidate-eligible", candidate, Severity.BLOCKS, Result.FAILED,
                    unfit.reason());
        }
    }

    private void found(Finding finding) {
        Result result = finding.grade() == Grade.PASSED ? Result.PASSED : Result.FAILED;
        add(finding.check(), finding.subject(), severity(finding), result, finding.detail());
    }

    private Severity severity(Finding finding) {
        boolean ofTheTwo = finding.subject().equals(primary.toString())
                || finding.subject().equals(candidate.toString());
        if (ALWAYS_BLOCK.contains(finding.check()) && finding.grade() != Grade.WARNING
                || ofTheTwo && BLOCK_FOR_THE_TWO.contains(finding.check())) {
            return Severity.BLOCKS;
        }
        // A replica that lags is left behind by nobody: it follows on.
        return finding.grade() == Grade.WARNING ? Severity.WARNS : Severity.NEEDS_OVERRIDE;
    }

    /** Without its host the address cannot be moved. */
    private void hosts() {
        if (cluster.virtualIp().isEmpty()) {
            return;
        }
        for (NodeId node : List.of(primary, candidate)) {
            HostView view = snapshot.hosts().get(node);
            if (view instanceof HostView.Seen) {
                add("ssh", node, Severity.BLOCKS, Result.PASSED, "its host answers");
            } else {
                add("ssh", node, Severity.BLOCKS, Result.FAILED,
                        "its host was not reached, so the virtual IP cannot be moved: "
                                + (view == null ? "it has not been looked at" : view));
            }
        }
    }

    /** The state of a server is judged from the snapshot; here it is about being let in and being allowed to. */
    private void inspected(Finding finding) {
        boolean ofHost = List.of("ssh-", "host-", "virtual-ip-").stream().anyMatch(finding.check()::startsWith);
        if (RIGHTS.contains(finding.check()) || finding.check().equals("connect") && finding.grade() != Grade.PASSED
                || ofHost && finding.grade() != Grade.PASSED) {
            add(finding.check(), finding.subject(),
                    finding.grade() == Grade.WARNING ? Severity.WARNS : Severity.BLOCKS,
                    finding.grade() == Grade.PASSED ? Result.PASSED : Result.FAILED, finding.detail());
        }
    }

    private void quarantine() {
        Set<NodeId> both = new TreeSet<>(snapshot.quarantined());
        add("no-quarantine", cluster.name().value(), Severity.NEEDS_OVERRIDE,
                both.isEmpty() ? Result.PASSED : Result.FAILED,
                both.isEmpty()
                        ? "no former primary is waited for"
                        : both + " may still accept writes: fence it, then rejoin or rebuild it");
    }

    private void sessions(NodeId node, Sessions sessions) {
        switch (sessions) {
            case Sessions.Unseen(String why) -> add("no-long-transaction", node, Severity.BLOCKS, Result.UNKNOWN, why);
            case Sessions.Seen seen -> {
                transactions(node, seen);
                globalLock(node, seen.globalLock());
            }
        }
    }

    private void transactions(NodeId node, Sessions.Seen seen) {
        List<String> old = seen.open()
                .stream()
                .filter(open -> open.age().compareTo(cluster.limits().transaction()) > 0)
                .map(Sessions.Open::sentence)
                .toList();
        add("no-long-transaction", node, Severity.BLOCKS, old.isEmpty() ? Result.PASSED : Result.FAILED,
                old.isEmpty()
                        ? seen.open().size() + " under way, none older than "
                                + cluster.limits().transaction().toSeconds() + " s"
                        : "older than limits.transaction (" + cluster.limits().transaction().toSeconds() + " s): "
                                + String.join("; ", old) + ": let them end, or end them");
    }

    private void globalLock(NodeId node, Sessions.GlobalLock lock) {
        switch (lock) {
            case Sessions.GlobalLock.Free free -> add("no-global-lock", node, Severity.BLOCKS, Result.PASSED, "none");
            case Sessions.GlobalLock.Held(List<String> holders) -> add("no-global-lock", node, Severity.BLOCKS,
                    Result.FAILED, "held by " + String.join(", ", holders)
                            + ": a backup, or LOCK TABLES; wait for its end");
            case Sessions.GlobalLock.NotVisible hidden -> add("no-global-lock", node, Severity.WARNS, Result.UNKNOWN,
                    "global lock: not visible; the instrument wait/lock/metadata/sql/mdl is off");
        }
    }

    /** The old primary follows the new one afterwards: a newer server's binary log may hold what an older one cannot apply. */
    private void versions() {
        Optional<ServerVersion> before = snapshot.server(primary).map(ServerState::version);
        Optional<ServerVersion> after = snapshot.server(candidate).map(ServerState::version);
        if (before.isEmpty() || after.isEmpty()) {
            return;
        }
        boolean follows = before.get().mayFollow(after.get());
        add("version-after-switchover", primary, Severity.NEEDS_OVERRIDE, follows ? Result.PASSED : Result.FAILED,
                follows
                        ? before.get() + " can follow " + after.get()
                        : before.get() + " could not follow " + after.get()
                                + " afterwards: it would have to be upgraded, or rebuilt, before it serves again");
    }

    /** The old primary follows the new one afterwards, and acknowledges like any other. */
    private void semiSync() {
        Optional<SemiSync.SourceSide.Present> source = snapshot.server(primary)
                .map(ServerState::semiSync)
                .map(SemiSync::source)
                .filter(SemiSync.SourceSide.Present.class::isInstance)
                .map(SemiSync.SourceSide.Present.class::cast)
                .filter(SemiSync.SourceSide.Present::enabled);
        if (source.isEmpty()) {
            add("semi-sync-after-switchover", candidate, Severity.WARNS, Result.PASSED, "semi-sync is not in use");
            return;
        }
        boolean plugin = snapshot.server(candidate)
                .filter(server -> server.semiSync().source() instanceof SemiSync.SourceSide.Present)
                .isPresent();
        List<NodeId> able = cluster.others(candidate)
                .stream()
                .map(node -> node.id())
                .filter(node -> snapshot.server(node)
                        .filter(server -> server.semiSync().replica() instanceof SemiSync.ReplicaSide.Present)
                        .isPresent())
                .toList();
        int wanted = source.get().waitCount();
        boolean holds = plugin && able.size() >= wanted;
        add("semi-sync-after-switchover", candidate, Severity.NEEDS_OVERRIDE, holds ? Result.PASSED : Result.FAILED,
                holds
                        ? able.size() + " can acknowledge, " + wanted + " must"
                        : (plugin
                                ? able + " can acknowledge, and each commit waits for " + wanted
                                : "the plugin for the waiting side is not loaded there")
                                + ": policies.semi-sync-degraded ("
                                + cluster.policies().semiSyncDegraded() + ") would decide what follows");
    }

    private void events() {
        List<String> enabled = snapshot.server(primary).map(ServerState::enabledEvents).orElse(List.of());
        boolean scheduler = snapshot.server(candidate).filter(ServerState::eventScheduler).isPresent();
        add("event-scheduler", candidate, Severity.WARNS,
                enabled.isEmpty() || scheduler ? Result.PASSED : Result.FAILED,
                enabled.isEmpty() || scheduler
                        ? enabled.size() + " events move"
                        : "event_scheduler is OFF there, and " + enabled + " run on the primary: SET GLOBAL"
                                + " event_scheduler=ON");
    }

    private void add(String name, NodeId subject, Severity severity, Result result, String evidence) {
        add(name, subject.toString(), severity, result, evidence);
    }

    private void add(String name, String subject, Severity severity, Result result, String evidence) {
        checks.add(new Check(name, subject, severity, result, evidence));
    }

    /** @return the checks that did not pass, one a line, the gravest first; empty when all passed */
    public static String notPassed(List<Check> checks) {
        return checks.stream()
                .filter(check -> !check.passed())
                .sorted((one, other) -> one.severity().compareTo(other.severity()))
                .map(check -> word(check.severity()) + " " + check.sentence())
                .collect(Collectors.joining("\n"));
    }

    /** @return as people read it: {@code needs override} */
    public static String word(Severity severity) {
        return severity.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }
}
