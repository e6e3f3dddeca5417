package dev.switchman.engine;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import org.camunda.bpm.engine.HistoryService;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.ManagementService;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.history.HistoricActivityInstance;
import org.camunda.bpm.engine.history.HistoricProcessInstance;
import org.camunda.bpm.engine.identity.User;
import org.camunda.bpm.engine.runtime.Job;
import org.camunda.bpm.engine.runtime.ProcessInstance;
import org.camunda.bpm.spring.boot.starter.rest.CamundaBpmRestJerseyAutoConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.FilterType;

import dev.switchman.audit.Journal;
import dev.switchman.fleet.FakeFleet;
import dev.switchman.fleet.FakeJournal;
import dev.switchman.fleet.FakeNotifier;
import dev.switchman.hook.Scripts;
import dev.switchman.hook.ShutdownHook;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.monitor.Claims;
import dev.switchman.monitor.Watch;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.mysql.NodeReader;
import dev.switchman.notify.Notifier;
import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.Bulletins;
import dev.switchman.runbook.Deployments;
import dev.switchman.runbook.Outages;
import dev.switchman.runbook.Pause;
import dev.switchman.runbook.People;
import dev.switchman.runbook.Progress;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.Runbooks;
import dev.switchman.runbook.Runbooks.Started;
import dev.switchman.ssh.HostReader;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.vip.VirtualIp;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The project's diagrams, tables and steps on the real engine, over a fleet in memory. Jobs are run by hand, one after
 * another, so that a test can stand between two steps. Every test brings its own fleet.
 */
final class RunbookStage implements AutoCloseable {

    static final String APPROVER = "bob";
    private static final int MOST_JOBS = 200;

    private final ConfigurableApplicationContext context;
    private final World world;

    private RunbookStage(ConfigurableApplicationContext context, World world) {
        this.context = context;
        this.world = world;
    }

    /** What stands outside of the engine; it outlives a manager. */
    static final class World {

        private final AtomicReference<FakeFleet> fleet = new AtomicReference<>(FakeFleet.of("db1", "db2"));
        private final AtomicReference<FakeJournal> journal = new AtomicReference<>(
                new FakeJournal(fleet.get().clock()));
        private final AtomicReference<FakeNotifier> notifier = new AtomicReference<>(new FakeNotifier());

        FakeFleet fleet() {
            return fleet.get();
        }

        FakeJournal journal() {
            return journal.get();
        }

        FakeNotifier notifier() {
            return notifier.get();
        }
    }

    static RunbookStage shared() {
        return Shared.STAGE;
    }

    /** A manager over this world, with a store in memory of that name: a second one finds what the first has left. */
    static RunbookStage start(World world, String store) {
        return startOver(world, "jdbc:h2:mem:" + store + ";DB_CLOSE_DELAY=-1", "sa");
    }

    /** A manager over this world, with the store at that address. */
    static RunbookStage startOver(World world, String url, String user) {
        List<String> properties = List.of(
                "switchman.data=target/runbook-stage", "switchman.store.url=" + url, "switchman.store.user=" + user,
                "spring.datasource.generate-unique-name=false", "camunda.bpm.job-execution.enabled=false",
                "logging.level.root=ERROR");
        var context = new SpringApplicationBuilder(Room.class)
                .web(WebApplicationType.NONE)
                .initializers(fresh -> fresh.getBeanFactory().registerSingleton("world", world))
                .run(properties.stream().map(property -> "--" + property).toArray(String[]::new));
        return new RunbookStage(context, world).withApprover();
    }

    private RunbookStage withApprover() {
        IdentityService identity = get(IdentityService.class);
        if (identity.createUserQuery().userId(APPROVER).count() == 0) {
            User user = identity.newUser(APPROVER);
            user.setPassword("Long-enough-4-the-policy");
            identity.saveUser(user);
            if (identity.createGroupQuery().groupId("approver").count() == 0) {
                identity.saveGroup(identity.newGroup("approver"));
            }
            identity.createMembership(APPROVER, "approver");
        }
        return this;
    }

    private static final class Shared {
        static final RunbookStage STAGE = start(new World(), "runbooks");
    }

    /** A second manager over the same store and the same world: what the first has done it knows from there alone. */
    static RunbookStage otherManager() {
        return Other.STAGE;
    }

    private static final class Other {
        static final RunbookStage STAGE = start(Shared.STAGE.world, "runbooks");
    }

    /** From now on this is the fleet; runs that another test has left are gone. */
    RunbookStage with(FakeFleet fleet) {
        for (ProcessInstance left : get(RuntimeService.class).createProcessInstanceQuery()
                .rootProcessInstances()
                .list()) {
            get(RuntimeService.class).deleteProcessInstance(left.getId(), "left by another test");
        }
        world.fleet.set(fleet);
        world.journal.set(new FakeJournal(fleet.clock()));
        world.notifier.set(new FakeNotifier());
        return this;
    }

    <T> T get(Class<T> type) {
        return context.getBean(type);
    }

    FakeFleet fleet() {
        return world.fleet();
    }

    FakeJournal journal() {
        return world.journal();
    }

    FakeNotifier notifier() {
        return world.notifier();
    }

    /** Starts a run; nothing of it has been done when this returns. */
    RunId start(Runbook runbook, String startedBy, Map<String, String> inputs) {
        ClusterName cluster = fleet().cluster().name();
        return switch (get(Runbooks.class)
                .start(new Runbooks.Request(runbook, cluster, startedBy, "as told", inputs))) {
            case Started.Yes(RunId run) -> run;
            case Started.Held held -> throw new AssertionError(held);
            case Started.Refused refused -> throw new AssertionError(refused);
        };
    }

    /** Runs the next job. @return whether there was one */
    boolean step() {
        Optional<Job> next = get(ManagementService.class).createJobQuery()
                .messages()
                .withRetriesLeft()
                .list()
                .stream()
                .findFirst();
        next.ifPresent(job -> get(ManagementService.class).executeJob(job.getId()));
        return next.isPresent();
    }

    /** Runs jobs until the run has ended or waits for a person. */
    RunbookStage goOn() {
        for (int jobs = 0; step(); jobs++) {
            assertThat(jobs).as("a loop without end").isLessThan(MOST_JOBS);
        }
        return this;
    }

    /** Runs jobs until this box is next. */
    RunbookStage upTo(RunId run, String box) {
        for (int jobs = 0; !standsAt(run, box); jobs++) {
            assertThat(step()).as("never came to " + box + ": " + passed(run)).isTrue();
            assertThat(jobs).as("a loop without end").isLessThan(MOST_JOBS);
        }
        return this;
    }

    private boolean standsAt(RunId run, String box) {
        return get(Runbooks.class).show(run).filter(view -> view.at().contains(box)).isPresent();
    }

    /** @return the open question */
    String question(RunId run) {
        return get(Approvals.class).waiting()
                .stream()
                .filter(question -> question.run().equals(run))
                .map(Approvals.Question::text)
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing is asked; passed " + passed(run)));
    }

    /** A person who may answer; made when he is first needed. */
    RunbookStage approver(String name) {
        IdentityService identity = get(IdentityService.class);
        if (identity.createUserQuery().userId(name).count() == 0) {
            User user = identity.newUser(name);
            user.setPassword("Long-enough-4-the-policy");
            identity.saveUser(user);
            identity.createMembership(name, "approver");
        }
        return this;
    }

    /** Answers the open question and goes on. */
    RunbookStage answer(RunId run, boolean yes) {
        assertThat(get(Approvals.class).answer(run, new People.Person(APPROVER, Set.of(People.Role.APPROVER)), yes, ""))
                .isEqualTo(new Approvals.Answered.Taken());
        return goOn();
    }

    /** Lets the time for an answer run out, and goes on. */
    RunbookStage nobodyAnswers() {
        ManagementService management = get(ManagementService.class);
        timer(management, "No");
        return goOn();
    }

    /** Runs the timers that are due by the engine's clock, and goes on. @return how many there were */
    int whatIsDue() {
        ManagementService management = get(ManagementService.class);
        List<Job> due = management.createJobQuery().timers().executable().list();
        due.forEach(job -> management.executeJob(job.getId()));
        goOn();
        return due.size();
    }

    /** Lets the people be reminded, and goes on. */
    RunbookStage timeToRemind() {
        timer(get(ManagementService.class), "Reminder");
        return goOn();
    }

    private void timer(ManagementService management, String part) {
        Job due = management.createJobQuery()
                .timers()
                .list()
                .stream()
                .filter(job -> management.createJobDefinitionQuery()
                        .jobDefinitionId(job.getJobDefinitionId())
                        .singleResult()
                        .getActivityId()
                        .contains(part))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no timer " + part));
        if (part.equals("No")) {
            fleet().clock().advance(fleet().cluster().limits().approval());
        }
        management.executeJob(due.getId());
    }

    /** Ids of all boxes and events that the run and the parts it called have passed. */
    List<String> passed(RunId run) {
        HistoryService history = get(HistoryService.class);
        List<String> passed = new ArrayList<>();
        for (HistoricProcessInstance part : history.createHistoricProcessInstanceQuery()
                .rootProcessInstanceId(run.value())
                .list()) {
            history.createHistoricActivityInstanceQuery()
                    .processInstanceId(part.getId())
                    .finished()
                    .list()
                    .stream()
                    .map(HistoricActivityInstance::getActivityId)
                    .forEach(passed::add);
        }
        return passed;
    }

    @Override
    public void close() {
        context.close();
    }

    /** No configuration by annotation: other tests scan this package, and must not find it. */
    @EnableAutoConfiguration(exclude = CamundaBpmRestJerseyAutoConfiguration.class)
    @ComponentScan(basePackages = {"dev.switchman.engine", "dev.switchman.runbook.step"}, excludeFilters = {
            @ComponentScan.Filter(type = FilterType.ASSIGNABLE_TYPE, classes = KnownClusters.class),
            @ComponentScan.Filter(type = FilterType.ASSIGNABLE_TYPE, classes = ProbeEngine.Room.class)})
    static class Room {

        @Bean
        Progress progress(Clock clock) {
            return new Progress(clock);
        }

        @Bean
        KnownClusters knownClusters(World world) {
            return new KnownClusters(List.of()) {
                @Override
                Optional<Cluster> find(ClusterName name) {
                    Cluster shop = world.fleet().cluster();
                    return Optional.of(name.equals(Deployments.PLACE) ? place(shop, List.of(shop)) : shop)
                            .filter(cluster -> cluster.name().equals(name));
                }
            };
        }

        /** Nobody's mail is left over in a world that is made anew for each test. */
        @Bean
        List<Cluster> clusters() {
            return List.of();
        }

        @Bean
        Clock clock(World world) {
            return new Clock() {
                @Override
                public Instant instant() {
                    return world.fleet().clock().instant();
                }

                @Override
                public ZoneId getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(ZoneId zone) {
                    return this;
                }
            };
        }

        @Bean
        NodeReader nodeReader(World world) {
            return door(NodeReader.class, world::fleet);
        }

        @Bean
        HostReader hostReader(World world) {
            return door(HostReader.class, world::fleet);
        }

        @Bean
        NodeOperator nodeOperator(World world) {
            return door(NodeOperator.class, world::fleet);
        }

        @Bean
        RemoteShell remoteShell(World world) {
            return door(RemoteShell.class, world::fleet);
        }

        @Bean
        VirtualIp virtualIp(World world) {
            return door(VirtualIp.class, world::fleet);
        }

        @Bean(destroyMethod = "")
        Watch watch(World world) {
            return door(Watch.class, world::fleet);
        }

        @Bean
        ShutdownHook shutdownHook(World world) {
            return door(ShutdownHook.class, world::fleet);
        }

        @Bean
        Scripts scripts(World world) {
            return door(Scripts.class, world::fleet);
        }

        @Bean(destroyMethod = "")
        Claims claims(World world) {
            return door(Claims.class, world::fleet);
        }

        @Bean
        Pause pause(World world) {
            return door(Pause.class, world::fleet);
        }

        @Bean
        ClusterMemory memory(World world) {
            return door(ClusterMemory.class, () -> world.fleet().memory());
        }

        @Bean
        Journal journal(World world) {
            return door(Journal.class, world::journal);
        }

        @Bean
        Notifier notifier(World world) {
            return door(Notifier.class, world::notifier);
        }

        @Bean
        Outages outages() {
            return new Outages();
        }

        @Bean
        Bulletins bulletins(Clock clock) {
            return new Bulletins((cluster, notice) -> {}, Optional.empty(), clock);
        }

        /** A door to whoever stands behind it now. */
        private static <T> T door(Class<T> type, Supplier<?> behind) {
            Object door = Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[]{type},
                    (self, method, arguments) -> {
                        try {
                            return method.invoke(behind.get(), arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
            return type.cast(door);
        }
    }
}
