package dev.switchman.api;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
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
import org.springframework.context.annotation.FilterType;

import dev.switchman.ExampleClusters;
import dev.switchman.audit.Journal;
import dev.switchman.audit.Journals;
import dev.switchman.config.ServerSettings;
import dev.switchman.fleet.FakeMemory;
import dev.switchman.fleet.ManualClock;
import dev.switchman.monitor.Claims;
import dev.switchman.monitor.Watch;
import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.Deployments;
import dev.switchman.runbook.Outages;
import dev.switchman.runbook.People;
import dev.switchman.runbook.Preflight;
import dev.switchman.runbook.Progress;
import dev.switchman.runbook.Receivers;
import dev.switchman.runbook.Roster;
import dev.switchman.runbook.RunHistory;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.Runbooks;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Histogram;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Secret;
import dev.switchman.topology.Snapshot;
import dev.switchman.verdict.Readiness;

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
@ComponentScan(basePackages = "dev.switchman.runbook.step", useDefaultFilters = false, includeFilters = @ComponentScan.Filter(type = FilterType.REGEX, pattern = ".*CheckedOrders"))
class World {

    static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    static final String ROBOT_TOKEN = "switchman_of-a-robot";
    static final String TOKEN = "t0ken-of-this-machine";
    static final ClusterName SHOP = new ClusterName("shop");
    static final NodeId DB1 = NodeId.of("db1", 3306);

    @Bean
    ManualClock clock() {
        return new ManualClock(NOW);
    }

    @Bean
    Progress progress(Clock clock) {
        return new Progress(clock);
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

    @Bean
    ServerSettings settings() {
        return new ServerSettings("127.0.0.1", 0, "admin", Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Who was removed. */
    private final Set<String> gone = new HashSet<>();

    /** Holds the people that a test adds here, and answers as told. */
    static final class RecordedRoster implements Roster {

        final List<String> asked = new ArrayList<>();
        Optional<Changed> answer = Optional.empty();
        private final Set<String> gone;

        RecordedRoster(Set<String> gone) {
            this.gone = gone;
        }

        @Override
        public List<Entry> people() {
            return List.of(new Entry("anna", Set.of(People.Role.OPERATOR, People.Role.APPROVER),
                    Optional.of("anna@example.org")));
        }

        @Override
        public Changed add(String name, Set<People.Role> roles, Optional<String> mail, String password) {
            return changed("add " + name + " " + roles + " " + mail.orElse("-") + " " + password, name, roles);
        }

        @Override
        public Changed password(String name, String password) {
            return changed("password " + name + " " + password, name, Set.of());
        }

        @Override
        public Changed roles(String name, Set<People.Role> roles) {
            return changed("roles " + name + " " + roles, name, roles);
        }

        @Override
        public Changed remove(String name) {
            gone.add(name);
            return changed("remove " + name, name, Set.of());
        }

        @Override
        public List<Robot> robots() {
            return List.of(new Robot("deploy", Set.of(People.Role.OPERATOR), "admin", NOW));
        }

        @Override
        public Made makeRobot(String name, Set<People.Role> roles, String by) {
            return changed("robot " + name + " " + roles + " by " + by, name, roles) instanceof Changed.Done
                    ? new Made.Token(new Robot(name, roles, by, NOW), "switchman_secret")
                    : new Made.Not(answer.orElseThrow());
        }

        @Override
        public Changed revokeRobot(String name) {
            return changed("revoke " + name, name, Set.of());
        }

        void forget() {
            asked.clear();
            gone.clear();
            answer = Optional.empty();
        }

        private Changed changed(String what, String name, Set<People.Role> roles) {
            asked.add(what);
            return answer.orElseGet(() -> new Changed.Done(new Entry(name, roles, Optional.empty())));
        }
    }

    @Bean
    RecordedRoster roster() {
        return new RecordedRoster(gone);
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
            public Optional<Person> stillIn(String name, Instant loggedIn) {
                return gone.contains(name) ? Optional.empty() : login(name, name);
            }

            @Override
            public Optional<Person> robot(String token) {
                return token.equals(ROBOT_TOKEN)
                        ? Optional.of(new Person("robot", Set.of(Role.OPERATOR)))
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
        final List<Probes> probes = new ArrayList<>();
        Histogram lateness = Histogram.NONE;

        @Override
        public List<Probes> probes() {
            return probes;
        }

        @Override
        public Histogram lateness() {
            return lateness;
        }

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
            return sight.map(Sight::snapshot)
                    .orElseGet(() -> new Snapshot(ExampleClusters.named(cluster.value()), NOW, NOW, Optional.empty(),
                            Set.of(), Map.of(), Map.of(), Optional.empty()));
        }

        @Override
        public void close() {}
    }

    @Bean
    Outages outages() {
        return new Outages();
    }

    @Bean
    FixedWatch watch() {
        return new FixedWatch();
    }

    /** Holds the locks unless the test says otherwise. */
    static final class FixedClaims implements Claims {

        static final Claim OURS = new Claim.Held("holds the manager's lock on 3 of 3 servers");
        Claim claim = OURS;

        @Override
        public void start() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Claim of(ClusterName cluster) {
            return claim;
        }

        @Override
        public Claim renewed(ClusterName cluster) {
            return claim;
        }

        @Override
        public void close() {}
    }

    @Bean
    FixedClaims claims() {
        return new FixedClaims();
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
        public void ask(RunId run, String question, Terms terms) {
            ask(run, question);
        }

        @Override
        public List<Question> waiting() {
            return questions;
        }

        @Override
        public Answered answer(RunId run, People.Person by, boolean yes, String comment) {
            if (refusal.isPresent()) {
                return refusal.get();
            }
            if (!questions.removeIf(question -> question.run().equals(run))) {
                return new Answered.NothingAsked();
            }
            answers.add(new Answer(yes, by.name(), comment, NOW));
            return new Answered.Taken();
        }

        @Override
        public Optional<Answer> given(RunId run) {
            return Optional.empty();
        }
    }

    /** Tells what a test puts here. */
    static final class RecordedHistory implements RunHistory {

        final Map<String, Trace> traces = new HashMap<>();
        final Map<String, List<Asked>> questions = new HashMap<>();

        @Override
        public Optional<Trace> trace(RunId run) {
            return Optional.ofNullable(traces.get(run.value()));
        }

        @Override
        public List<Asked> asked(RunId run) {
            return questions.getOrDefault(run.value(), List.of());
        }
    }

    @Bean
    RecordedHistory history() {
        return new RecordedHistory();
    }

    @Bean
    Preflight preflight() {
        return (cluster, target) -> new Preflight.Answer(Optional.of(NodeId.of("db1", 3306)),
                target.or(() -> Optional.of(NodeId.of("db2", 3306))),
                List.of(new Readiness.Check("server-answers", "db3:3306", Readiness.Severity.NEEDS_OVERRIDE,
                        Readiness.Result.FAILED, "connection refused")));
    }

    /** Finds everything fit, and one change in each. */
    static final class RecordedDeployments implements Deployments {

        final List<String> begun = new ArrayList<>();
        Outlook outlook = new Outlook.Fit(List.of(new Change("promote.bpmn", Optional.of(1), List.of("~ box"))));
        Optional<Begun> answer = Optional.empty();

        @Override
        public Outlook look(Map<String, byte[]> files) {
            return outlook;
        }

        @Override
        public Begun begin(Map<String, byte[]> files, String by, String reason) {
            if (answer.isPresent()) {
                return answer.get();
            }
            begun.add(by + " " + files.keySet() + " " + reason);
            return new Begun.Yes(new RunId("d" + begun.size()));
        }

        @Override
        public Map<String, byte[]> proposed(RunId run) {
            return Map.of();
        }

        @Override
        public Put putIntoForce(RunId run, String by, String approvedBy) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Version> versions() {
            return List
                    .of(new Version("promote.bpmn", 1, "ab", NOW, "switchman", Optional.empty(), Optional.empty(), true,
                            true));
        }

        @Override
        public List<String> offered() {
            return List.of("promote.bpmn");
        }

        @Override
        public Found version(String runbook, int number) {
            return number == 1
                    ? new Found.File(runbook + ".bpmn", new byte[]{1})
                    : new Found.Nothing(runbook + ".bpmn has no version " + number);
        }

        @Override
        public Found shipped(String runbook) {
            return new Found.File(runbook + ".bpmn", new byte[]{1});
        }
    }

    @Bean
    RecordedDeployments deployments() {
        return new RecordedDeployments();
    }

    @Bean
    RecordedApprovals approvals() {
        return new RecordedApprovals();
    }

    @Bean
    FakeMemory memory() {
        return new FakeMemory();
    }

    @Bean
    RecordedReceivers receivers() {
        return new RecordedReceivers();
    }

    /** One receiver that answers, and one that does not. */
    static final class RecordedReceivers implements Receivers {

        @Override
        public List<Tested> test(Cluster cluster, String by) {
            return List.of(new Tested("mail", "mail", true, "sent to dba@example.org", Duration.ofMillis(12)),
                    new Tested("chat", "slack", false, "HTTP 404: no such hook", Duration.ofMillis(34)));
        }

        @Override
        public List<Tally> tallies() {
            return List.of(new Tally("shop", "chat", 7, 3, 1, 2));
        }
    }
}
