package dev.switchman.engine;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

import org.camunda.bpm.spring.boot.starter.rest.CamundaBpmRestJerseyAutoConfiguration;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;

import dev.switchman.audit.Journal;
import dev.switchman.fleet.FakeJournal;
import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.Decisions;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.People;
import dev.switchman.runbook.Progress;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.RunbookError;
import dev.switchman.runbook.Runbooks;
import dev.switchman.runbook.Runbooks.Request;
import dev.switchman.runbook.Runbooks.Started;
import dev.switchman.runbook.Step;
import dev.switchman.topology.Account;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Detection;
import dev.switchman.topology.Limits;
import dev.switchman.topology.PingKind;
import dev.switchman.topology.Policies;
import dev.switchman.topology.Secret;

/** The real engine with the product's settings over probe diagrams, whose steps do what a test says. */
final class ProbeEngine implements AutoCloseable {

    private static final int CLUSTERS = 60;
    private static final AtomicInteger NEXT = new AtomicInteger();

    private final ConfigurableApplicationContext context;

    private ProbeEngine(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /** The one engine that most tests share, in memory; each test takes a cluster of its own. */
    static ProbeEngine shared() {
        return Shared.ENGINE;
    }

    static ProbeEngine start(FakeJournal journal, String... properties) {
        List<String> all = new ArrayList<>(
                List.of("switchman.deploy=classpath:/probe/*.*", "switchman.lint=false",
                        "spring.datasource.generate-unique-name=false", "logging.level.root=WARN"));
        all.addAll(List.of(properties));
        return new ProbeEngine(new SpringApplicationBuilder(Room.class)
                .web(WebApplicationType.NONE)
                .initializers(fresh -> fresh.getBeanFactory().registerSingleton("journal", journal))
                .properties(all.toArray(new String[0]))
                .run(all.stream().map(property -> "--" + property).toArray(String[]::new)));
    }

    static ClusterName freshCluster() {
        int number = NEXT.getAndIncrement();
        if (number >= CLUSTERS) {
            throw new IllegalStateException("more than " + CLUSTERS + " clusters used: raise CLUSTERS");
        }
        return new ClusterName("c" + number);
    }

    <T> T get(Class<T> type) {
        return context.getBean(type);
    }

    ScriptedStep step(String name) {
        return context.getBean(name, ScriptedStep.class);
    }

    FakeJournal journal() {
        return context.getBean(FakeJournal.class);
    }

    Runbooks runbooks() {
        return context.getBean(Runbooks.class);
    }

    /** Waits until the store has no such open run. */
    void untilGone(RunId run) {
        until("run " + run + " is gone", () -> runbooks().show(run).isEmpty());
    }

    static void until(String what, BooleanSupplier holds) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within 10 s: " + what);
            }
            Thread.onSpinWait();
        }
    }

    RunId started(Runbook runbook, ClusterName cluster) {
        return switch (runbooks().start(new Request(runbook, cluster, "monitor", "probe", Map.of()))) {
            case Started.Yes(RunId run) -> run;
            case Started.Held held -> throw new AssertionError(held);
            case Started.Refused refused -> throw new AssertionError(refused);
        };
    }

    @Override
    public void close() {
        context.close();
    }

    private static final class Shared {
        static final ProbeEngine ENGINE = start(new FakeJournal(Clock.systemUTC()),
                "switchman.store.url=jdbc:h2:mem:probe;DB_CLOSE_DELAY=-1",
                "switchman.store.user=sa");
        static final String PASSWORD = ENGINE.get(People.class).firstAdministrator("admin").orElseThrow();
    }

    /** @return password of the shared engine's first administrator, "admin" */
    static String administratorsPassword() {
        return Shared.PASSWORD;
    }

    /** Does what the test said for this cluster; else what it does by itself. Declares two refusals. */
    @Raises({RunbookError.FENCE_REFUSED, RunbookError.OUTCOME_UNKNOWN})
    static final class ScriptedStep extends Step {

        private final Map<ClusterName, Function<Run, Outcome>> scripts = new ConcurrentHashMap<>();
        private final Function<Run, Outcome> otherwise;

        ScriptedStep(Function<Run, Outcome> otherwise) {
            this.otherwise = otherwise;
        }

        void will(ClusterName cluster, Function<Run, Outcome> script) {
            scripts.put(cluster, script);
        }

        @Override
        public Outcome run(Run run) {
            return scripts.getOrDefault(run.cluster().name(), otherwise).apply(run);
        }
    }

    static Cluster cluster(String name) {
        Duration second = Duration.ofSeconds(1);
        return new Cluster(new ClusterName(name), "test", List.of(), Optional.empty(),
                new Account("repl", new Secret("x")), "switchman",
                new Detection(PingKind.SELECT, second, second, 3, 1, second),
                new Limits(second, second, Duration.ofSeconds(20), second, second, second, second, second, second,
                        second,
                        second, second,
                        Duration.ofMinutes(30), Duration.ofMinutes(10), second, second, second),
                new Policies(Policies.UnprovenFence.ACT, Policies.SemiSyncDegraded.LOWER,
                        Policies.ManagerLocks.MAJORITY),
                Optional.empty(),
                Optional.empty());
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration(exclude = CamundaBpmRestJerseyAutoConfiguration.class)
    @ComponentScan(basePackages = "dev.switchman.engine")
    static class Room {

        @Bean
        Clock clock() {
            return Clock.systemUTC();
        }

        @Bean
        Progress progress(Clock clock) {
            return new Progress(clock);
        }

        @Bean
        List<Cluster> clusters() {
            List<Cluster> all = new ArrayList<>();
            for (int i = 0; i < CLUSTERS; i++) {
                all.add(cluster("c" + i));
            }
            return all;
        }

        @Bean
        ScriptedStep act() {
            return new ScriptedStep(run -> new Outcome.Done("acted"));
        }

        /** Needs a port of the engine, as the product's own steps do. */
        @Bean
        ScriptedStep readAnswer(Approvals approvals, Decisions decisions) {
            return new ScriptedStep(run -> {
                run.approved(approvals.given(run.id()).filter(Approvals.Answer::yes).isPresent() ? "yes" : "no");
                return new Outcome.Done(decisions.getClass().getSimpleName());
            });
        }

        @Bean
        ScriptedStep finish(Journal journal) {
            return new ScriptedStep(run -> {
                run.ending(Ending.DONE);
                journal.runEnded(run.id().value(), Ending.DONE.name(), "all well", Instant.EPOCH);
                return new Outcome.Done("finished");
            });
        }

        @Bean
        ScriptedStep report(Journal journal) {
            return new ScriptedStep(run -> {
                run.ending(Ending.FAILED);
                journal.runEnded(run.id().value(), Ending.FAILED.name(),
                        run.refusal().map(Enum::name).orElse("none") + ": " + run.detail(), Instant.EPOCH);
                return new Outcome.Done("reported");
            });
        }
    }
}
