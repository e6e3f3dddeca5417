package dev.switchman.engine;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.camunda.bpm.dmn.engine.DmnEngine;
import org.camunda.bpm.dmn.engine.DmnEngineConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.switchman.fleet.FakeDecisions;

import static org.assertj.core.api.Assertions.assertThat;

/** The decision tables, row by row, and the fake that stands for them in the tests of steps. */
class TablesTest {

    private static final DmnEngine ENGINE = DmnEngineConfiguration.createDefaultDmnEngineConfiguration().buildEngine();
    private static final Map<String, String> FILES = ProjectFiles.texts("dmn", ".dmn");

    private static final Map<String, List<Object>> BALLOTS = grid(
            "role", List.of("preferred", "allowed", "never"), "excluded", List.of(false, true),
            "errant", List.of(0L, 2L), "logBin", List.of(true, false), "logReplicaUpdates", List.of(true, false),
            "versionClass", List.of("lowest", "higher"), "applier", List.of("running", "failed"),
            "filters", List.of("", "db=shop"), "delaySeconds", List.of(0L, 3600L), "agreed",
            List.of(false, true), "purgedGap", List.of(false, true),
            "missing", List.of(0L, 5L));
    private static final Map<String, List<Object>> FAILOVERS = grid(
            "verdict", List.of("crashed", "host-lost", "hung", "disk-full", "disk-stalled", "busy"), "paused",
            List.of("no", "yes"),
            "startedBy", List.of("monitor", "person"), "tier", List.of("production", ""),
            "clustersFailing", List.of(1, 2, 3), "recentFailover", List.of("no", "cooling-down", "failed"),
            "unanimous", List.of("yes", "no"));
    private static final Map<String, List<Object>> PROMOTIONS = grid(
            "fence", List.of("closed", "starved", "unproven"), "loss", List.of("none", "possible", "known", "async"),
            "unprovenFence", List.of("act", "ask"), "unanimous", List.of("yes", "no"),
            "salvage", List.of("none", "done", "failed"), "unsalvaged", List.of("act", "ask"));
    private static final Map<String, List<Object>> APPROVALS = grid(
            "runbook", List.of("switchover"), "tier", List.of("standard", "production", "critical"),
            "startedBy", List.of("person", "monitor"), "overrides", List.of(0, 1), "warnings", List.of(0, 3),
            "expectedMillis", List.of(150L, 5000L), "day", List.of("weekday", "weekend"), "hour", List.of(12, 3));

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            role=never | false | 99 | is never to be promoted, by the configuration
            role=preferred,excluded=true | false | 99 | was tried in this run and failed
            role=preferred,errant=1 | false | 99 | holds errant transactions, which its replicas would have to take
            logBin=false | false | 99 | writes no binary log, so nobody could follow it
            logReplicaUpdates=false | false | 99 | does not log what it replicates, so nobody could follow it
            versionClass=higher | false | 99 | is newer than another server, which could not follow it
            applier=failed | false | 99 | its applier stopped with an error
            filters=db | false | 99 | replicates only a part, by its filters
            delaySeconds=60 | false | 99 | is delayed on purpose
            delaySeconds=60,agreed=true | true | 90 | delayed on purpose, and a person agrees that it is the last resort
            delaySeconds=60,agreed=true,role=never | false | 99 | is never to be promoted, by the configuration
            purgedGap=true | true | 50 | eligible as a last resort: another replica needs what it has purged
            role=preferred | true | 10 | preferred, and has everything
            role=preferred,missing=3 | true | 20 | preferred, once it has fetched what it lacks
            role=allowed | true | 30 | allowed, and has everything
            role=allowed,missing=3 | true | 40 | allowed, once it has fetched what it lacks
            role=unheard-of | false | 99 | no row of the table covers it
            role=never,excluded=true,errant=1 | false | 99 | is never to be promoted, by the configuration
            """)
    void choosesByTheFirstRowThatApplies(String changes, boolean eligible, int rank, String reason) {
        assertThat(decide("choose-primary", BALLOTS, changes))
                .isEqualTo(Map.of("eligible", eligible, "rank", rank, "reason", reason));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            verdict=busy | stand-down | The verdict is not that the primary is lost.
            verdict=busy,startedBy=person | stand-down | The verdict is not that the primary is lost.
            startedBy=person,paused=yes,unanimous=no | act | A person asked for it, and the loss is confirmed.
            paused=yes | stand-down | A person has paused this cluster.
            clustersFailing=3 | ask | Several clusters fail at once: more likely our own network or a whole site.
            recentFailover=cooling-down | ask | The last failover of this cluster is within its cool-down.
            recentFailover=failed | ask | The last failover of this cluster has just failed.
            verdict=disk-full,unanimous=no | act | Commits hang on the primary, and its own host says why.
            verdict=disk-stalled,unanimous=no | act | Commits hang on the primary, and its own host says why.
            verdict=disk-full,paused=yes | stand-down | A person has paused this cluster.
            verdict=disk-full,recentFailover=failed | ask | The last failover of this cluster has just failed.
            unanimous=no | ask | The witnesses do not agree.
            clustersFailing=2 | act | The primary is lost and everybody who answers agrees.
            paused=perhaps | ask | No row of the table covers it.
            """)
    void failsOverByTheFirstRowThatApplies(String changes, String action, String reason) {
        assertThat(decide("failover-policy", FAILOVERS, changes)).isEqualTo(Map.of("action", action, "reason", reason));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            fence=closed,loss=async,salvage=failed,unsalvaged=ask | ask | What only the old primary has could not be salvaged, writes may be lost, and the policy is to ask.
            fence=closed,loss=possible,salvage=failed,unsalvaged=act | go | The old primary is closed.
            fence=closed,loss=none,salvage=failed,unsalvaged=ask | go | The old primary is closed.
            fence=closed,loss=known | ask | Transactions that were seen on the old primary are on no server that can be reached.
            fence=closed,loss=possible | go | The old primary is closed.
            fence=starved | go | The old primary can acknowledge nothing: all who could confirm its commits have stopped listening.
            fence=unproven | go | The old primary could not be proven closed; every witness has lost it, and the policy is to act.
            fence=unproven,unprovenFence=ask | ask | The old primary could not be proven closed, and the policy is to ask.
            fence=unproven,unanimous=no | ask | The old primary could not be proven closed, and the witnesses do not agree.
            fence=half | ask | No row of the table covers it.
            fence=closed,loss=unheard-of | ask | No row of the table covers it.
            """)
    void promotesByTheFirstRowThatApplies(String changes, String action, String reason) {
        assertThat(decide("promotion-policy", PROMOTIONS, changes))
                .isEqualTo(Map.of("action", action, "reason", reason));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tier=standard | 0 | No row asks for anybody.
            tier=production | 1 | The cluster is in production: one other person.
            tier=critical | 2 | The cluster is critical: two people.
            tier=standard,overrides=1 | 1 | A check was overridden.
            tier=production,overrides=1 | 2 | A check was overridden on a cluster where that takes two.
            tier=standard,startedBy=monitor | 1 | No person has asked for it.
            tier=standard,expectedMillis=5000 | 1 | Writes would be refused for long.
            tier=standard,overrides=-1 | 1 | No row of the table covers it.
            """)
    void asksAsManyPeopleAsTheFirstRowThatAppliesSays(String changes, int people, String reason) {
        assertThat(decide("approval-policy", APPROVALS, changes)).isEqualTo(
                Map.of("people", people, "minutes", 0, "atDeadline", "no", "reason", reason));
    }

    @Test
    void theFakeAnswersAsTheTablesDo() {
        FakeDecisions fake = new FakeDecisions();
        agree(fake, "choose-primary", BALLOTS, List.of("eligible", "rank"));
        agree(fake, "failover-policy", FAILOVERS, List.of("action"));
        agree(fake, "promotion-policy", PROMOTIONS, List.of("action"));
        agree(fake, "approval-policy", APPROVALS, List.of("people", "minutes", "atDeadline"));
    }

    private static void agree(FakeDecisions fake, String table, Map<String, List<Object>> grid, List<String> outputs) {
        var decision = ENGINE.parseDecision(table,
                new ByteArrayInputStream(FILES.getOrDefault(table, "").getBytes(StandardCharsets.UTF_8)));
        for (Map<String, Object> facts : all(grid)) {
            Map<String, Object> real = ENGINE.evaluateDecisionTable(decision, facts).getSingleResult().getEntryMap();
            Map<String, Object> played = fake.decide(table, facts);
            for (String output : outputs) {
                assertThat(played.get(output)).as(table + " " + output + " for " + facts).isEqualTo(real.get(output));
            }
        }
    }

    /** The grid's first values, with these changed. */
    private static Map<String, Object> decide(String table, Map<String, List<Object>> grid, String changes) {
        Map<String, Object> facts = new LinkedHashMap<>();
        grid.forEach((name, values) -> facts.put(name, values.getFirst()));
        for (String change : changes.strip().split(",")) {
            String[] pair = change.split("=", 2);
            facts.compute(pair[0], (name, before) -> switch (before) {
                case Long number -> Long.valueOf(pair[1]);
                case Integer number -> Integer.valueOf(pair[1]);
                case Boolean yes -> Boolean.valueOf(pair[1]);
                case null, default -> pair[1];
            });
        }
        var decision = ENGINE.parseDecision(table,
                new ByteArrayInputStream(FILES.getOrDefault(table, "").getBytes(StandardCharsets.UTF_8)));
        return ENGINE.evaluateDecisionTable(decision, facts).getSingleResult().getEntryMap();
    }

    private static Map<String, List<Object>> grid(Object... namesAndValues) {
        Map<String, List<Object>> grid = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            grid.put((String) namesAndValues[i], List.copyOf((List<?>) namesAndValues[i + 1]));
        }
        return grid;
    }

    /** The first values, and every way to change up to two of them. */
    private static List<Map<String, Object>> all(Map<String, List<Object>> grid) {
        Map<String, Object> first = new LinkedHashMap<>();
        grid.forEach((name, values) -> first.put(name, values.getFirst()));
        Set<Map<String, Object>> all = new LinkedHashSet<>();
        grid.forEach((one, ones) -> ones.forEach(value -> grid.forEach((other, others) -> others.forEach(second -> {
            Map<String, Object> facts = new LinkedHashMap<>(first);
            facts.put(one, value);
            facts.put(other, second);
            all.add(facts);
        }))));
        return List.copyOf(all);
    }
}
