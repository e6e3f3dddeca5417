package dev.switchman.runbook.step;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.runbook.Bulletins;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Outage;
import dev.switchman.runbook.Outages;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Report;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Step;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.vip.VirtualIp;

/**
 * Writes the report of the run and mails it: what happened, why, where each server is, what is lost, what a person must
 * do now. Safe to repeat: the report is stored once and mailed once. Neither a report that cannot be put together nor a
 * mail that cannot be sent keeps the run from its end.
 */
@Component
final class ReportRun extends Step {

    /** A quarantine is tried at every tick: the same failure is mailed once in this time. */
    static final Duration QUIET = Duration.ofMinutes(10);

    private static final String MONITOR = "monitor";
    private static final Logger LOG = LoggerFactory.getLogger(ReportRun.class);

    private final Servers servers;
    private final VirtualIp virtualIp;
    private final HostShutdown hook;
    private final MasterScripts scripts;
    private final LogSalvage salvage;
    private final ClusterMemory memory;
    private final Journal journal;
    private final Mailbag mailbag;
    private final Bulletins bulletins;
    private final Outages outages;
    private final Clock clock;

    ReportRun(Servers servers, VirtualIp virtualIp, HostShutdown hook, MasterScripts scripts, LogSalvage salvage,
            ClusterMemory memory, Journal journal, Mailbag mailbag, Bulletins bulletins, Outages outages,
            Clock clock) {
        this.servers = servers;
        this.virtualIp = virtualIp;
        this.hook = hook;
        this.scripts = scripts;
        this.salvage = salvage;
        this.memory = memory;
        this.journal = journal;
        this.mailbag = mailbag;
        this.bulletins = bulletins;
        this.outages = outages;
        this.clock = clock;
    }

    @Override
    public Outcome run(Run run) {
        Journal.RunRecord record = journal.run(run.id().value())
                .orElseThrow(() -> new IllegalStateException("the journal has no run " + run.id()));
        Ending ending = run.ending().orElseGet(() -> ending(record, run));
        run.ending(ending);
        if (record.endedAt().isEmpty()) {
            lookAround(run, record);
        }
        Report report = withHead(report(run, record, ending));
        if (record.endedAt().isEmpty()) {
            journal.runEnded(record.run(), ending.name(), report.body(), clock.instant());
        }
        return new Outcome.Done(ending + "; mail: " + mail(run, record, ending, report));
    }

    /** A run that has ended must let go of its cluster: what cannot be found out for the report is said there. */
    private void lookAround(Run run, Journal.RunRecord record) {
        try {
            hook.settle(run);
            salvage.forget(run);
            measure(run, record);
            note(run, record);
        } catch (RuntimeException e) {
            LOG.error("the report of run {} is incomplete", run.id(), e);
            run.note(Remark.WARNING, "This report is incomplete: " + e + ".");
        }
    }

    private void measure(Run run, Journal.RunRecord record) {
        List<Journal.Entry> entries = journal.entries(record.run());
        Optional<Outage> outage = Outage.of(record, entries);
        if (outage.isPresent() && Notebook.of(journal, run).last(Remark.OUTAGE).isEmpty()) {
            run.note(Remark.OUTAGE, outage.get().sentence());
            outages.measured(record.cluster(), outage.get().took());
        }
    }

    /** Mailed, it shows later whether the journal is still what it was. */
    private Report withHead(Report report) {
        return new Report(report.subject(), report.body() + "\nJournal\n  head " + journal.head()
                + " (switchman audit verify --head)\n");
    }

    private Report report(Run run, Journal.RunRecord record, Ending ending) {
        Instant ended = record.endedAt().orElseGet(clock::instant);
        try {
            Optional<NodeId> opened = Notebook.of(journal, run).last(Remark.OPENED).map(NodeId::parse);
            return Report.of(record, new Report.Result(ending, ended, run.oldPrimaryIfKnown(), opened, run.detail()),
                    journal.entries(record.run()));
        } catch (RuntimeException e) {
            LOG.error("the report of run {} could not be put together", run.id(), e);
            String headline = record.runbook() + " ended " + ending + ", and its report could not be put together";
            return new Report("[Switchman] " + record.cluster() + ": " + headline, headline + ".\n\nRun "
                    + record.run() + ", started " + record.startedAt() + ", ended " + ended
                    + ".\nWhy there is no report: "
                    + e + "\nWhat was done stands in the journal: switchman run " + record.run() + "\n");
        }
    }

    private static Ending ending(Journal.RunRecord record, Run run) {
        boolean failover = record.runbook().equals(Runbook.FAILOVER.id());
        // The others say themselves that they are done.
        boolean saysSo = !record.runbook().equals(Runbook.QUARANTINE.id())
                && !record.runbook().equals(Runbook.REOPEN.id());
        Optional<RunbookError> refusal = run.refusal();
        if (refusal.isEmpty()) {
            return saysSo ? Ending.FAILED : Ending.DONE;
        }
        return switch (refusal.get()) {
            case PRIMARY_ALIVE -> Ending.PRIMARY_ALIVE;
            case FENCE_REFUSED -> Ending.NOT_FENCED;
            case FENCE_BROKEN -> failover ? Ending.NOT_FENCED : Ending.FAILED;
            case SERVER_UNREACHABLE -> record.runbook().equals(Runbook.QUARANTINE.id())
                    ? Ending.NOT_FENCED
                    : Ending.FAILED;
            case NO_ELIGIBLE_CANDIDATE -> Ending.NO_ELIGIBLE_CANDIDATE;
            case REPLICAS_DIVERGED -> Ending.REPLICAS_DIVERGED;
            case PROMOTION_DECLINED -> failover ? Ending.PROMOTION_DECLINED : Ending.STOOD_DOWN;
            case RUN_SUPERSEDED -> Ending.CANCELLED;
            case OUTCOME_UNKNOWN -> record.runbook().equals(Runbook.QUARANTINE.id())
                    ? Ending.NOT_FENCED
                    : Ending.FAILED;
            case PREFLIGHT_BLOCKED -> Ending.BLOCKED;
            case NEEDS_REBUILD, REBUILD_IMPOSSIBLE -> Ending.KEPT_IN_QUARANTINE;
            case CATCH_UP_TIMED_OUT, CANDIDATE_LOST, NEW_PRIMARY_LOST, PRIMARY_LOST, INTERRUPTED, CANDIDATE_OPEN,
                    REBUILD_FAILED, COMMAND_FAILED, STEP_FAILED ->
                Ending.FAILED;
        };
    }

    private void note(Run run, Journal.RunRecord record) {
        if (record.runbook().equals(Runbook.FAILOVER.id())) {
            run.oldPrimaryIfKnown().ifPresent(old -> settle(run, old));
        }
        if (record.runbook().equals(Runbook.QUARANTINE.id())) {
            run.oldPrimaryIfKnown().ifPresent(old -> inQuarantine(run, old));
        }
        if (record.runbook().equals(Runbook.REJOIN.id())) {
            run.oldPrimaryIfKnown().ifPresent(server -> fenced(run, server));
        }
        if (record.runbook().equals(Runbook.DEPLOY.id())) {
            return;
        }
        Map<Node, Observation> looks = run.oldPrimaryIfKnown()
                .flatMap(run.cluster()::find)
                .map(old -> servers.observe(run.cluster().nodes(), run.limits(), old))
                .orElseGet(() -> servers.observe(run.cluster().nodes(), run.limits()));
        Map<Node, String> addresses = addresses(run);
        Optional<NodeId> primary = memory.knownPrimary(run.cluster().name());
        run.note(Remark.SERVERS, looks.entrySet()
                .stream()
                .map(entry -> entry.getKey() + " " + words(run, entry.getKey(), entry.getValue(), primary)
                        + addresses.getOrDefault(entry.getKey(), ""))
                .collect(Collectors.joining("\n")));
    }

    private void inQuarantine(Run run, NodeId returned) {
        ClusterMemory.Quarantine quarantine = memory.quarantined(run.cluster().name()).get(returned);
        if (quarantine != null && quarantine.fenceProven()) {
            run.note(Remark.TO_DO, "Rejoin or rebuild " + returned + ": it is in quarantine.");
        }
    }

    /** Where nobody has decided to keep it there, it may be tried again. */
    private void fenced(Run run, NodeId server) {
        if (run.ending().filter(Ending.KEPT_IN_QUARANTINE::equals).isEmpty()
                && memory.quarantined(run.cluster().name()).containsKey(server)) {
            run.note(Remark.TO_DO,
                    server + " is in quarantine. See why it did not become a replica, and let it rejoin again.");
        }
    }

    /** A run that promoted nobody leaves the old primary what it is: it may be reopened when it comes back. */
    private void settle(Run run, NodeId old) {
        ClusterMemory.Quarantine quarantine = memory.quarantined(run.cluster().name()).get(old);
        if (quarantine == null) {
            return;
        }
        if (memory.knownPrimary(run.cluster().name()).equals(Optional.of(old))) {
            memory.release(run.cluster().name(), old);
            run.note(Remark.TO_DO, "No server was promoted. Bring " + old + " back, or choose another by hand; "
                    + "if its service was masked, unmask it first.");
        } else if (quarantine.fenceProven()) {
            run.note(Remark.TO_DO, "Rejoin or rebuild " + old + ": it is in quarantine.");
        } else {
            run.note(Remark.TO_DO, "Make sure that " + old + " is down or read-only: its fence is not proven, so it may"
                    + " accept writes. Switchman fences it as soon as it answers. Then rejoin or rebuild it.");
        }
    }

    private Map<Node, String> addresses(Run run) {
        Optional<VirtualAddress> address = run.cluster().virtualIp();
        if (address.isEmpty()) {
            return Map.of();
        }
        Map<Node, String> words = new LinkedHashMap<>();
        PerNode.all(run.cluster().nodes(), node -> virtualIp.look(node, address.get(), run.limits().fenceSilent()))
                .forEach((node, held) -> words.put(node, switch (held) {
                    case VirtualIp.Held.Here here -> "; holds the virtual IP";
                    case VirtualIp.Held.NotHere nowhere -> "";
                    case VirtualIp.Held.Unknown(String why) -> "; whether it holds the virtual IP is not known";
                }));
        return words;
    }

    private String words(Run run, Node node, Observation look, Optional<NodeId> primary) {
        String role = primary.equals(Optional.of(node.id())) ? "primary" : "replica";
        ClusterMemory.Quarantine quarantine = memory.quarantined(run.cluster().name()).get(node.id());
        if (quarantine != null) {
            role = "in quarantine, fence " + (quarantine.fenceProven() ? "proven" : "NOT proven");
        }
        return role + ": " + switch (look) {
            case Observation.Unseen unseen -> unseen.failure().sentence();
            case Observation.Seen seen -> words(seen.server());
        };
    }

    private static String words(ServerState server) {
        String mode = Servers.words(server.writeMode());
        return server.replication()
                .map(state -> mode + ", follows " + state.source() + " (" + threads(state) + ")")
                .orElse(mode);
    }

    private static String threads(ReplicaState state) {
        return "receiver " + state.receiver().name().toLowerCase(java.util.Locale.ROOT) + ", applier "
                + (state.applierRunning() ? "running" : "stopped")
                + (state.receiverErrno() == 0 ? "" : ", error " + state.receiverErrno() + " " + state.receiverError())
                + (state.applierErrno() == 0 ? "" : ", error " + state.applierErrno() + " " + state.applierError());
    }

    private String mail(Run run, Journal.RunRecord record, Ending ending, Report report) {
        Optional<String> before = Notebook.of(journal, run).last(Remark.MAIL);
        if (before.isPresent()) {
            return before.get();
        }
        if (saidBefore(record, ending)) {
            String result = "not sent: the same was reported within the last " + QUIET.toMinutes() + " minutes";
            run.note(Remark.MAIL, result);
            return result;
        }
        if (routine(run, record, ending)) {
            String result = "not sent: started by itself, done, and nothing to be told";
            run.note(Remark.MAIL, result);
            return result;
        }
        tell(run, record, report);
        bulletins.ended(run.cluster(), run.id(), record.runbook(), ending,
                report.body().lines().findFirst().orElse(record.runbook()), report.body());
        return mailbag.post(new Mailbag.Mail(run.cluster(), record.run(), report.subject(), report.body()));
    }

    /** As MHA does: at the end of a failover, also of one that failed. */
    private void tell(Run run, Journal.RunRecord record, Report report) {
        if (!record.runbook().equals(Runbook.FAILOVER.id())) {
            return;
        }
        Optional<NodeId> opened = Notebook.of(journal, run).last(Remark.OPENED).map(NodeId::parse);
        String servers = Notebook.of(journal, run).last(Remark.SERVERS).orElse("");
        List<Node> following = run.cluster()
                .nodes()
                .stream()
                .filter(node -> opened.isPresent() && servers.lines()
                        .anyMatch(line -> line.startsWith(node + " replica: ")
                                && line.contains("follows " + opened.get() + " ")))
                .toList();
        scripts.report(run, opened, following, report.subject(), report.body());
    }

    /** What goes well every few days is not mailed: nobody would read the mail that matters. */
    private boolean routine(Run run, Journal.RunRecord record, Ending ending) {
        return record.runbook().equals(Runbook.PURGE_RELAY_LOGS.id()) && ending == Ending.DONE
                && record.startedBy().equals(MONITOR)
                && Notebook.of(journal, run).all(Remark.WARNING).findAny().isEmpty();
    }

    private boolean saidBefore(Journal.RunRecord record, Ending ending) {
        Instant since = clock.instant().minus(QUIET);
        return !List.of(Runbook.FAILOVER.id(), Runbook.SWITCHOVER.id(), Runbook.DEPLOY.id()).contains(record.runbook())
                && ending != Ending.DONE
                && journal.runs(Optional.of(record.cluster()), 50)
                        .stream()
                        .filter(other -> !other.run().equals(record.run()))
                        .filter(other -> other.runbook().equals(record.runbook()))
                        .filter(other -> other.ending().equals(Optional.of(ending.name())))
                        .anyMatch(other -> other.endedAt().filter(at -> at.isAfter(since)).isPresent());
    }
}
