package dev.switchman.runbook.step;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;

import dev.switchman.fleet.FakeApprovals;
import dev.switchman.fleet.FakeDecisions;
import dev.switchman.fleet.FakeFleet;
import dev.switchman.fleet.FakeJournal;
import dev.switchman.fleet.FakeNotifier;
import dev.switchman.fleet.FakeRunbooks;
import dev.switchman.runbook.Bulletins;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Outages;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Progress;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Runbooks;
import dev.switchman.runbook.Step;

/** All steps on one fake fleet, and one run for them; walks the failover diagram's paths without an engine. */
final class Rehearsal {

    final FakeFleet fleet;
    final FakeJournal journal;
    final FakeRunbooks runbooks = new FakeRunbooks();
    private Optional<String> stop = Optional.empty();
    final FakeDecisions decisions = new FakeDecisions();
    final FakeNotifier notifier = new FakeNotifier();
    final FakeApprovals approvals;
    final Map<String, String> variables = new HashMap<>();
    final List<String> walked = new ArrayList<>();
    final RunId id;
    final Run run;
    final Path data = Path.of("target", "rehearsal", UUID.randomUUID().toString());
    private Resumption resumption;
    private HostShutdown hook;
    private AddressAhead ahead;
    LogSalvage salvage;
    final Progress progress;
    /** Runs what {@link SaveErrantWrites} does not do itself. */
    Executor aside = Runnable::run;

    Rehearsal(FakeFleet fleet) {
        this(fleet, Runbook.FAILOVER, "monitor");
    }

    Rehearsal(FakeFleet fleet, Executor aside) {
        this(fleet, Runbook.FAILOVER, "monitor", aside);
    }

    /** Somebody asks the run to stop. */
    void askToStop(String why) {
        stop = Optional.of(why);
    }

    Rehearsal(FakeFleet fleet, Runbook runbook, String startedBy) {
        this(fleet, runbook, startedBy, Runnable::run);
    }

    /** A later run on the same fleet, which finds the journal of this one. */
    Rehearsal then(Runbook runbook, String startedBy) {
        return new Rehearsal(fleet, runbook, startedBy, Runnable::run, journal, new RunId("43"));
    }

    /** @param aside runs what a step does not wait for */
    private Rehearsal(FakeFleet fleet, Runbook runbook, String startedBy, Executor aside) {
        this(fleet, runbook, startedBy, aside, new FakeJournal(fleet.clock()), new RunId("42"));
    }

    private Rehearsal(FakeFleet fleet, Runbook runbook, String startedBy, Executor aside, FakeJournal journal,
            RunId id) {
        this.fleet = fleet;
        this.journal = journal;
        this.id = id;
        progress = new Progress(fleet.clock());
        approvals = new FakeApprovals(fleet.clock());
        resumption = resumption();
        hook = hook(aside);
        ahead = new AddressAhead(fleet);
        salvage = salvage(aside);
        variables.put(Run.STARTED_BY, startedBy);
        run = new Run(id, fleet.cluster(), new Run.Variables() {

            /** As in the engine: work that is spread over nodes reads none. */
            private final Thread owner = Thread.currentThread();

            @Override
            public Optional<String> get(String name) {
                if (Thread.currentThread() != owner) {
                    throw new AssertionError(name + " is read by " + Thread.currentThread());
                }
                return Optional.ofNullable(variables.get(name));
            }

            @Override
            public void put(String name, String value) {
                if (value.length() > 2_000) {
                    throw new IllegalArgumentException(name + " is too long: " + value);
                }
                variables.put(name, value);
            }
        }, (label, text) -> journal.note(id.value(), label, text), () -> stop, Run.Box.ANY, progress);
        journal.runStarted(id.value(), fleet.cluster().name(), runbook.id(), startedBy, "as told",
                fleet.clock().instant());
        runbooks.hold(new Runbooks.RunView(id, runbook, fleet.cluster().name(), List.of(), false));
    }

    private Resumption resumption() {
        return new Resumption(fleet, new Servers(fleet, fleet.memory()), fleet, fleet.memory(), journal, fleet.clock());
    }

    private HostShutdown hook(Executor aside) {
        return new HostShutdown(fleet, journal, fleet.memory(), aside);
    }

    private LossOfWrites losses() {
        return new LossOfWrites(fleet.memory(), journal, fleet.clock());
    }

    private LogSalvage salvage(Executor aside) {
        return new LogSalvage(fleet, fleet, fleet, hook, fleet.memory(), losses(), fleet.clock(), data, aside);
    }

    /** The manager was killed and is back: it knows what is in the store, and nothing else. */
    Rehearsal restarted() {
        resumption = resumption();
        hook = hook(Runnable::run);
        ahead = new AddressAhead(fleet);
        salvage = salvage(Runnable::run);
        return this;
    }

    private Bulletins bulletins() {
        return new Bulletins((cluster, notice) -> {}, Optional.empty(), fleet.clock());
    }

    Step step(Class<? extends Step> type) {
        Hold hold = new Hold(runbooks, fleet);
        Servers servers = new Servers(fleet, fleet.memory());
        BootCheck boot = new BootCheck(fleet, fleet.memory());
        Pace pace = new Pace(fleet.clock(), fleet);
        MasterScripts scripts = new MasterScripts(fleet, journal, Runnable::run);
        RestartCheck check = new RestartCheck(servers, fleet.memory());
        RejoinCheck rejoin = new RejoinCheck(servers, fleet, fleet.memory(), new PastLife(journal, fleet));
        CatchUpInPieces pieces = new CatchUpInPieces(hold, servers, fleet, fleet.clock(), fleet);
        return switch (type.getSimpleName()) {
            case "ConfirmFailure" -> new ConfirmFailure(fleet, fleet.memory(), resumption, scripts);
            case "AskFailoverPolicy" -> new AskFailoverPolicy(decisions, runbooks, fleet.memory(), journal,
                    fleet.clock());
            case "ReadServers" -> new ReadServers(servers, fleet.memory(), journal);
            case "FenceOldPrimary" ->
                new FenceOldPrimary(hold, resumption, fleet, fleet, fleet, boot, hook, scripts, fleet.memory(),
                        fleet.clock());
            case "StopReceivers" -> new StopReceivers(hold, resumption, servers, fleet, hook, fleet.memory(),
                    fleet.clock());
            case "ChoosePrimary" -> new ChoosePrimary(servers, decisions, approvals, fleet.memory(), journal);
            case "CatchUpCandidate" ->
                new CatchUpCandidate(hold, resumption, servers, fleet, fleet.memory(), salvage, pieces,
                        fleet.clock());
            case "SalvageWrites" -> new SalvageWrites(hold, resumption, servers, fleet, fleet, salvage, journal,
                    fleet.clock());
            case "AskPromotionPolicy" -> new AskPromotionPolicy(servers, decisions, fleet.memory(), losses());
            case "StopReplication" -> new StopReplication(hold, resumption, servers, fleet, fleet.clock());
            case "PrepareSemiSync" -> new PrepareSemiSync(hold, resumption, servers, fleet, fleet.memory(), pace);
            case "OpenPrimary" ->
                new OpenPrimary(hold, resumption, servers, fleet, ahead, fleet.memory(), journal, fleet.clock());
            case "MoveVirtualIp" -> new MoveVirtualIp(hold, fleet, ahead, hook, scripts, servers);
            case "RepointReplicas" -> new RepointReplicas(hold, servers, fleet, fleet.memory());
            case "EnableEvents" -> new EnableEvents(hold, fleet, journal);
            case "VerifyCluster" -> new VerifyCluster(hold, servers, fleet, pace);
            case "ReportRun" -> new ReportRun(servers, fleet, hook, scripts, salvage, fleet.memory(), journal,
                    new Mailbag(List.of(fleet.cluster()), notifier, journal, fleet, fleet.clock(), Runnable::run),
                    bulletins(), new Outages(), fleet.clock());
            case "AskPerson" -> new AskPerson(approvals, notifier, bulletins(), journal);
            case "ReadAnswer" -> new ReadAnswer(approvals);
            case "FenceReturnedServer" -> new FenceReturnedServer(hold, fleet, fleet, boot, hook, fleet.memory(),
                    fleet.clock());
            case "RemoveStrayAddress" -> new RemoveStrayAddress(hold, fleet, hook, scripts);
            case "AnnounceAddress" -> new AnnounceAddress(hold, fleet, fleet.memory());
            case "ConfirmRestart" -> new ConfirmRestart(check);
            case "ReopenPrimary" -> new ReopenPrimary(hold, check, servers, fleet, fleet.memory());
            case "ConfirmRejoin" -> new ConfirmRejoin(rejoin, fleet.memory());
            case "CompareWithPrimary" -> new CompareWithPrimary(rejoin);
            case "FollowPrimary" -> new FollowPrimary(hold, rejoin, fleet, pieces);
            case "CatchUpReplica" -> new CatchUpReplica(hold, rejoin, pieces, pace);
            case "ReleaseReplica" -> new ReleaseReplica(hold, rejoin, fleet, fleet, fleet.memory(), pace);
            case "ChooseDonor" -> new ChooseDonor(servers, rejoin, fleet.memory(), journal);
            case "SaveErrantWrites" ->
                new SaveErrantWrites(hold, rejoin, fleet, fleet.memory(), data, fleet.clock(), fleet,
                        aside);
            case "ConfirmRepair" -> new ConfirmRepair(rejoin, fleet.memory());
            case "ProposeRepair" -> new ProposeRepair(journal);
            case "RepairErrant" -> new RepairErrant(hold, rejoin, fleet, fleet.memory(), journal);
            case "ConfirmPurge" -> new ConfirmPurge(new KeptLogs(servers, fleet.memory()), servers, fleet,
                    fleet.memory());
            case "NextReplica" -> new NextReplica(new KeptLogs(servers, fleet.memory()), journal);
            case "PurgeRelayLogs" -> new PurgeRelayLogs(hold, fleet, journal);
            case "RebuildReplica" ->
                new RebuildReplica(hold, rejoin, fleet, fleet, fleet, fleet, journal, fleet.clock(), fleet, aside);
            default -> throw new IllegalArgumentException("no step " + type);
        };
    }

    /** Runs one step as the engine would: journaled, with a refusal in the run's variables. */
    Outcome run(Class<? extends Step> type) {
        walked.add(type.getSimpleName());
        Instant began = fleet.clock().instant();
        var entry = journal.stepBegins(id.value(), type.getSimpleName(), type.getSimpleName(), began);
        Outcome outcome = step(type).run(run);
        Duration took = Duration.between(began, fleet.clock().instant());
        switch (outcome) {
            case Outcome.Done(String detail) -> entry.ended("DONE", detail, took);
            case Outcome.Refused(RunbookError error, String why) -> {
                entry.ended("REFUSED", error + ": " + why, took);
                refused(error, why);
            }
            case Outcome.Unknown(String what) -> {
                entry.ended("UNKNOWN", what, took);
                refused(RunbookError.OUTCOME_UNKNOWN, what);
            }
        }
        return outcome;
    }

    private void refused(RunbookError error, String why) {
        variables.put(Run.REFUSAL, error.name());
        variables.put(Run.DETAIL, why);
    }

    /** Runs these steps in a row, each of which must be done. */
    @SafeVarargs
    final Rehearsal all(Class<? extends Step>... types) {
        for (Class<? extends Step> type : types) {
            Outcome outcome = run(type);
            if (!(outcome instanceof Outcome.Done)) {
                throw new AssertionError(type.getSimpleName() + ": " + outcome);
            }
        }
        return this;
    }

    /** Up to the step before this one, on the straight path. */
    Rehearsal before(Class<? extends Step> type) {
        for (Class<? extends Step> step : PATH) {
            if (step.equals(type)) {
                return this;
            }
            all(step);
        }
        throw new IllegalArgumentException(type + " is not on the straight path");
    }

    static final List<Class<? extends Step>> PATH = List.of(ConfirmFailure.class, AskFailoverPolicy.class,
            ReadServers.class, FenceOldPrimary.class, StopReceivers.class, ChoosePrimary.class, CatchUpCandidate.class,
            SalvageWrites.class, AskPromotionPolicy.class, StopReplication.class, PrepareSemiSync.class,
            OpenPrimary.class,
            MoveVirtualIp.class, RepointReplicas.class, EnableEvents.class, VerifyCluster.class, ReportRun.class);

    /** The whole failover as the diagram draws it; a person who is asked says yes. */
    Ending failover() {
        int at = 0;
        while (at < PATH.size() - 1) {
            if (walked.size() > 100) {
                throw new AssertionError("a loop without end: " + walked);
            }
            Class<? extends Step> type = PATH.get(at);
            Outcome outcome = run(type);
            if (outcome instanceof Outcome.Done) {
                if ((type == AskFailoverPolicy.class || type == AskPromotionPolicy.class)
                        && !List.of("act", "go", "ask").contains(variables.getOrDefault(Run.POLICY, ""))) {
                    break;
                }
                at++;
            } else if (outcome instanceof Outcome.Refused refused
                    && refused.error() == RunbookError.CATCH_UP_TIMED_OUT) {
                at = PATH.indexOf(ChoosePrimary.class);
            } else if (outcome instanceof Outcome.Refused refused && refused.error() == RunbookError.CANDIDATE_LOST) {
                at = PATH.indexOf(StopReceivers.class);
            } else if (outcome instanceof Outcome.Refused refused && refused.error() == RunbookError.NEW_PRIMARY_LOST) {
                at = PATH.indexOf(ReadServers.class);
            } else {
                break;
            }
        }
        all(ReportRun.class);
        return run.ending().orElseThrow();
    }
}
