package dev.switchman.api;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.h2.jdbcx.JdbcConnectionPool;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;

import dev.switchman.ExampleClusters;
import dev.switchman.audit.Journal;
import dev.switchman.audit.Journals;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.monitor.Watch;
import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.People;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.Runbooks;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Secret;
import dev.switchman.topology.Snapshot;

/**
 * The interface with hand-written doors behind it: one cluster, one person for each role, no engine, no servers. Not marked
 * as a configuration, so that nothing finds it by scanning.
 */
@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class, excludeName = {
        "org.camunda.bpm.spring.boot.starter.CamundaBpmAutoConfiguration",
        "org.camunda.bpm.spring.boot.starter.rest.CamundaBpmRestJerseyAutoConfiguration",
        "org.camunda.bpm.spring.boot.starter.webapp.CamundaBpmWebappAutoConfiguration",
        "org.camunda.bpm.engine.spring.boot.starter.spin.CamundaSpinAutoConfiguration"})
@ComponentScan("dev.switchman.api")
class World {

    static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    static final String TOKEN = "t0ken-of-this-machine";
    static final ClusterName SHOP = new ClusterName("shop");
    static final NodeId DB1 = NodeId.of("db1", 3306);

    /** Moved by hand. */
    static final class HandClock extends Clock {

        Instant now = NOW;

        @Override
        public java.time.ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    @Bean
    HandClock clock() {
        return new HandClock();
    }

    @Bean
    LocalToken localToken() {
        return new LocalToken(new Secret(TOKEN));
    }

    @Bean
    List<Cluster> clusters() {
        return List.of(ExampleClusters.named("shop"));
    }

    @Bean
    Journal journal(Clock clock) {
        return Journals.over(JdbcConnectionPool.create("jdbc:h2:mem:api;DB_CLOSE_DELAY=-1", "", ""), clock);
    }

    /** Each role's person is called like the role, with the same word as password. */
    @Bean
    People people() {
        return new People() {
            @Override
            public Optional<Person> login(String name, String password) {
                return name.equals(password)
                        ? EnumSet.allOf(Role.class)
                                .stream()
                                .filter(role -> role.name().toLowerCase(Locale.ROOT).equals(name))
                                .findFirst()
                                .map(role -> new Person(name, Set.of(role)))
                        : Optional.empty();
            }

            @Override
            public Optional<String> firstAdministrator(String name) {
                return Optional.empty();
            }
        };
    }

    /** Sees what the test puts here. */
    static final class FixedWatch implements Watch {

        Optional<Sight> sight = Optional.empty();

        @Override
        public void start() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<Sight> sight(ClusterName cluster) {
            return sight;
        }

        @Override
        public Snapshot confirm(ClusterName cluster) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    @Bean
    FixedWatch watch() {
        return new FixedWatch();
    }

    /** Starts a run unless {@code held} is set; every open run stands at "Fence old primary". */
    static final class RecordedRunbooks implements Runbooks {

        final List<Request> requests = new ArrayList<>();
        final List<RunView> open = new ArrayList<>();
        Optional<Started> answer = Optional.empty();

        @Override
        public Started start(Request request) {
            if (answer.isPresent()) {
                return answer.get();
            }
            requests.add(request);
            return new Started.Yes(new RunId("r" + requests.size()));
        }

        @Override
        public Optional<RunView> show(RunId run) {
            return open.stream().filter(view -> view.run().equals(run)).findFirst();
        }

        @Override
        public List<RunView> open() {
            return open;
        }

        @Override
        public Optional<RunId> holder(ClusterName cluster) {
            return open.stream().findFirst().map(RunView::run);
        }

        @Override
        public boolean cancel(RunId run, String by, String reason) {
            return false;
        }

        void opened(String run, boolean waiting) {
            open.add(new RunView(new RunId(run), Runbook.FAILOVER, SHOP, List.of("Fence old primary"), waiting));
        }
    }

    @Bean
    RecordedRunbooks runbooks() {
        return new RecordedRunbooks();
    }

    static final class RecordedApprovals implements Approvals {

        final List<Question> questions = new ArrayList<>();
        final List<Answer> answers = new ArrayList<>();
        Optional<Answered> refusal = Optional.empty();

        @Override
        public void ask(RunId run, String question) {
            questions.add(new Question(run, "shop", question, NOW, Optional.empty()));
        }

        @Override
        public List<Question> waiting() {
            return questions;
        }

        @Override
        public Answered answer(RunId run, String by, boolean yes, String comment) {
            if (refusal.isPresent()) {
                return refusal.get();
            }
            if (!questions.removeIf(question -> question.run().equals(run))) {
                return new Answered.NothingAsked();
            }
            answers.add(new Answer(yes, by, comment, NOW));
            return new Answered.Taken();
        }

        @Override
        public Optional<Answer> given(RunId run) {
            return Optional.empty();
        }
    }

    @Bean
    RecordedApprovals approvals() {
        return new RecordedApprovals();
    }

    static final class MapMemory implements ClusterMemory {

        Optional<NodeId> primary = Optional.of(DB1);
        final Map<NodeId, Quarantine> quarantine = new HashMap<>();
        Optional<Pause> pause = Optional.empty();

        @Override
        public Optional<NodeId> knownPrimary(ClusterName cluster) {
            return primary;
        }

        @Override
        public void rememberPrimary(ClusterName cluster, NodeId node) {
            primary = Optional.of(node);
        }

        @Override
        public Optional<LastHealthy> lastHealthy(ClusterName cluster) {
            return Optional.empty();
        }

        @Override
        public void rememberHealthy(ClusterName cluster, LastHealthy moment) {}

        @Override
        public Map<NodeId, GtidSet> largestSets(ClusterName cluster) {
            return Map.of();
        }

        @Override
        public void rememberSets(ClusterName cluster, Map<NodeId, GtidSet> sets) {}

        @Override
        public Map<NodeId, Quarantine> quarantined(ClusterName cluster) {
            return quarantine;
        }

        @Override
        public void quarantine(ClusterName cluster, NodeId node, Quarantine one) {
            quarantine.put(node, one);
        }

        @Override
        public void release(ClusterName cluster, NodeId node) {
            quarantine.remove(node);
        }

        @Override
        public Optional<Instant> lastFailover(ClusterName cluster) {
            return Optional.empty();
        }

        @Override
        public void rememberFailover(ClusterName cluster, Instant at) {}

        @Override
        public Optional<Pause> pause(ClusterName cluster) {
            return pause;
        }

        @Override
        public void pause(ClusterName cluster, Pause one) {
            pause = Optional.of(one);
        }

        @Override
        public void resume(ClusterName cluster) {
            pause = Optional.empty();
        }
    }

    @Bean
    MapMemory memory() {
        return new MapMemory();
    }
}
