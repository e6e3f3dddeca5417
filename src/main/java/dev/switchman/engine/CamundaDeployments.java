package dev.switchman.engine;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

import org.camunda.bpm.engine.HistoryService;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.history.UserOperationLogEntry;
import org.camunda.bpm.engine.repository.Deployment;
import org.camunda.bpm.engine.repository.DeploymentBuilder;
import org.camunda.bpm.engine.repository.Resource;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import dev.switchman.runbook.Deployments;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.Runbooks;
import dev.switchman.topology.Sha256;

/** Versions are the engine's deployments; who asked and who agreed stands beside them, in rows of our own. */
@Component
class CamundaDeployments implements Deployments {

    /** Name of the deployments that came with the program. */
    static final String PROGRAM = "switchman";

    private final RepositoryService repository;
    private final HistoryService history;
    private final IdentityService identity;
    private final Runbooks runbooks;
    private final Deployed deployed;
    private final Shipped shipped;
    private final TransactionTemplate transaction;
    /** By the engine's deployment, which never changes. */
    private final Map<String, Parcel> parcels = new ConcurrentHashMap<>();
    private final RunbookLint lint = RunbookLint.ofThisProgram();

    CamundaDeployments(RepositoryService repository, HistoryService history, IdentityService identity,
            Runbooks runbooks, Deployed deployed, Shipped shipped, PlatformTransactionManager transactions) {
        this.repository = repository;
        this.history = history;
        this.identity = identity;
        this.runbooks = runbooks;
        this.deployed = deployed;
        this.shipped = shipped;
        this.transaction = new TransactionTemplate(transactions);
    }

    @Override
    public Outlook look(Map<String, byte[]> files) {
        Map<String, byte[]> inForce = RunbookFiles.inForce(repository);
        Map<String, byte[]> different = new TreeMap<>(files);
        different.entrySet().removeIf(file -> Arrays.equals(inForce.get(file.getKey()), file.getValue()));
        if (!files.isEmpty() && different.isEmpty()) {
            return new Outlook.Same();
        }
        List<String> problems = lint.problems(inForce, different);
        if (!problems.isEmpty()) {
            return new Outlook.Unfit(problems);
        }
        Map<String, Integer> numbers = new HashMap<>();
        versions().stream().filter(Version::inForce).forEach(one -> numbers.put(one.file(), one.number()));
        List<Change> changes = new ArrayList<>();
        different.forEach((name, content) -> {
            byte @Nullable [] before = inForce.get(name);
            changes.add(new Change(name, Optional.ofNullable(numbers.get(name)), before == null
                    ? List.of("+ the whole file")
                    : FileChanges.between(name, before, content)));
        });
        return new Outlook.Fit(changes);
    }

    @Override
    public Begun begin(Map<String, byte[]> files, String by, String reason) {
        Outlook outlook = look(files);
        if (!(outlook instanceof Outlook.Fit fit)) {
            return new Begun.No(outlook);
        }
        Optional<RunId> holder = runbooks.holder(PLACE);
        if (holder.isPresent()) {
            return new Begun.Held(holder.get());
        }
        Map<String, byte[]> changing = new TreeMap<>(files);
        changing.keySet().retainAll(fit.changes().stream().map(Change::file).toList());
        Begun[] begun = {new Begun.Refused("nothing was started")};
        // The files are in the store in the moment in which the run is.
        transaction.executeWithoutResult(status -> {
            begun[0] = switch (runbooks.start(new Runbooks.Request(Runbook.DEPLOY, PLACE, by, reason, Map.of()))) {
                case Runbooks.Started.Yes(RunId run) -> {
                    deployed.propose(run, changing);
                    yield new Begun.Yes(run);
                }
                case Runbooks.Started.Held(RunId other, String runbook) -> {
                    status.setRollbackOnly();
                    yield new Begun.Held(other);
                }
                case Runbooks.Started.Refused(String why) -> {
                    status.setRollbackOnly();
                    yield new Begun.Refused(why);
                }
            };
        });
        return begun[0];
    }

    @Override
    public Map<String, byte[]> proposed(RunId run) {
        return deployed.proposed(run);
    }

    @Override
    public Put putIntoForce(RunId run, String by, String approvedBy) {
        // On a thread, and so in a transaction, of its own: what fails here leaves the step's alone, and the run its drawn path.
        return CompletableFuture.supplyAsync(() -> {
            Put[] put = {new Put.Refused(List.of("nothing was done"))};
            transaction.executeWithoutResult(status -> put[0] = put(run, by, approvedBy));
            return put[0];
        }, task -> Thread.ofVirtual().name("deploy").start(task)).join();
    }

    private Put put(RunId run, String by, String approvedBy) {
        Optional<Deployed.Record> before = deployed.of(run);
        if (before.isPresent()) {
            return new Put.Done(named(before.get().deployment()));
        }
        Map<String, byte[]> files = deployed.proposed(run);
        List<String> problems = switch (look(files)) {
            case Outlook.Unfit(List<String> all) -> all;
            case Outlook.Same() -> List.of("in force already: " + String.join(", ", files.keySet()));
            case Outlook.Fit fit -> List.of();
        };
        if (!problems.isEmpty()) {
            return new Put.Refused(problems);
        }
        DeploymentBuilder builder = repository.createDeployment().name("run " + run).source("switchman deploy");
        files.forEach((name, content) -> builder.addInputStream(name, new ByteArrayInputStream(content)));
        String deployment = builder.deploy().getId();
        deployed.note(new Deployed.Record(deployment, run, by, approvedBy));
        return new Put.Done(named(deployment));
    }

    private List<String> named(String deployment) {
        return all().stream()
                .filter(one -> one.deployment().equals(deployment))
                .map(one -> one.version().file() + " version " + one.version().number())
                .toList();
    }

    @Override
    public List<Version> versions() {
        return all().stream()
                .map(Stored::version)
                .sorted(Comparator.comparing(Version::file)
                        .thenComparing(Comparator.comparing(Version::number).reversed()))
                .toList();
    }

    @Override
    public List<String> offered() {
        List<Version> stored = versions();
        return shipped.files()
                .keySet()
                .stream()
                .filter(name -> stored.stream().noneMatch(one -> one.file().equals(name) && one.shipped()))
                .toList();
    }

    @Override
    public Found version(String runbook, int number) {
        List<Stored> named = all().stream().filter(one -> meant(one.version().file(), runbook)).toList();
        List<String> files = named.stream().map(one -> one.version().file()).distinct().toList();
        if (files.isEmpty()) {
            return new Found.Nothing("no runbook, table or form is named \"" + runbook + "\"; there are "
                    + versions().stream().map(Version::file).distinct().toList());
        }
        if (files.size() > 1) {
            return new Found.Nothing("\"" + runbook + "\" names " + files + ": say which");
        }
        return named.stream()
                .filter(one -> one.version().number() == number)
                .findFirst()
                .<Found>map(one -> new Found.File(one.version().file(), one.content()))
                .orElseGet(() -> new Found.Nothing(files.getFirst() + " has no version " + number + "; it has "
                        + named.stream().map(one -> one.version().number()).sorted().toList()));
    }

    @Override
    public Found shipped(String runbook) {
        List<String> files = shipped.files().keySet().stream().filter(name -> meant(name, runbook)).toList();
        if (files.size() != 1) {
            return new Found.Nothing(files.isEmpty()
                    ? "this program brings nothing named \"" + runbook + "\"; it brings " + shipped.files().keySet()
                    : "\"" + runbook + "\" names " + files + ": say which");
        }
        String name = files.getFirst();
        byte @Nullable [] content = shipped.files().get(name);
        return content == null ? new Found.Nothing(name) : new Found.File(name, content);
    }

    private static boolean meant(String file, String runbook) {
        return file.equals(runbook) || file.substring(0, file.lastIndexOf('.')).equals(runbook);
    }

    /** @param deployment the engine's */
    private record Stored(Version version, String deployment, byte[] content) {}

    /** In the order of coming into force. */
    private List<Stored> all() {
        List<Stored> all = new ArrayList<>();
        Signed.off(identity, () -> read(all));
        return all;
    }

    private void read(List<Stored> all) {
        Map<String, Deployed.Record> records = deployed.all();
        Map<String, Integer> count = new HashMap<>();
        Map<String, Stored> newest = new HashMap<>();
        for (Deployment deployment : repository.createDeploymentQuery().orderByDeploymentTime().asc().list()) {
            Deployed.@Nullable Record record = records.get(deployment.getId());
            Parcel parcel = parcels.computeIfAbsent(deployment.getId(), id -> parcel(deployment));
            parcel.files().forEach((name, file) -> {
                Stored stored = new Stored(new Version(name, count.merge(name, 1, Integer::sum), file.checksum(),
                        deployment.getDeploymentTime().toInstant(), record == null ? parcel.by() : record.by(),
                        Optional.ofNullable(record).map(Deployed.Record::approvedBy),
                        Optional.ofNullable(record).map(Deployed.Record::run), false,
                        shipped.same(name, file.checksum())), deployment.getId(), file.content());
                newest.put(name, stored);
                all.add(stored);
            });
        }
        all.replaceAll(stored -> newest.get(stored.version().file()) == stored ? inForce(stored) : stored);
    }

    private static Stored inForce(Stored stored) {
        Version one = stored.version();
        return new Stored(new Version(one.file(), one.number(), one.checksum(), one.at(), one.by(), one.approvedBy(),
                one.run(), true, one.shipped()), stored.deployment(), stored.content());
    }

    /** One deployment of the engine's. @param by who the engine saw deploying it */
    private record Parcel(String by, Map<String, StoredFile> files) {}

    private record StoredFile(byte[] content, String checksum) {}

    private Parcel parcel(Deployment deployment) {
        Map<String, StoredFile> files = new TreeMap<>();
        for (Resource resource : repository.getDeploymentResources(deployment.getId())) {
            byte[] content = RunbookFiles
                    .read(repository.getResourceAsStreamById(deployment.getId(), resource.getId()));
            files.put(resource.getName(), new StoredFile(content, Sha256.of(content)));
        }
        return new Parcel(by(deployment), files);
    }

    /** @return who the engine saw deploying it; the program itself is nobody */
    private String by(Deployment deployment) {
        return history.createUserOperationLogQuery()
                .deploymentId(deployment.getId())
                .operationType(UserOperationLogEntry.OPERATION_TYPE_CREATE)
                .list()
                .stream()
                .map(UserOperationLogEntry::getUserId)
                .filter(user -> user != null && !user.isEmpty())
                .findFirst()
                .orElse(PROGRAM);
    }
}
