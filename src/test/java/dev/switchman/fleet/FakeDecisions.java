package dev.switchman.fleet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.switchman.runbook.Decisions;

/** The four tables in plain Java, row by row; an answer can be forced. The real tables have tests of their own. */
public final class FakeDecisions implements Decisions {

    private static final Map<String, Set<String>> INPUTS = Map.of(
            "choose-primary",
            Set.of("role", "excluded", "errant", "logBin", "logReplicaUpdates", "versionClass", "applier",
                    "filters", "delaySeconds", "agreed", "purgedGap", "missing"),
            "failover-policy", Set.of("verdict", "paused", "startedBy", "tier", "clustersFailing", "recentFailover",
                    "unanimous"),
            "promotion-policy", Set.of("fence", "loss", "unprovenFence", "unanimous", "salvage", "unsalvaged"),
            "approval-policy",
            Set.of("runbook", "tier", "startedBy", "overrides", "warnings", "expectedMillis", "day", "hour"));

    private final Map<String, String> forced = new HashMap<>();
    private final List<Map<String, Object>> asked = new ArrayList<>();

    /** From now on the policy answers this. */
    public void answer(String table, String action) {
        forced.put(table, action);
    }

    /** The facts of every question so far, with the table's name under {@code table}. */
    public synchronized List<Map<String, Object>> asked() {
        return List.copyOf(asked);
    }

    @Override
    public synchronized Map<String, Object> decide(String table, Map<String, Object> facts) {
        Set<String> inputs = INPUTS.getOrDefault(table, Set.of());
        if (inputs.isEmpty() || !facts.keySet().containsAll(inputs)) {
            throw new IllegalArgumentException("table " + table + " needs " + inputs + ", got " + facts.keySet());
        }
        Map<String, Object> all = new HashMap<>(facts);
        all.put("table", table);
        asked.add(all);
        String action = forced.get(table);
        if (action != null) {
            return Map.of("action", action, "reason", "as told");
        }
        return switch (table) {
            case "choose-primary" -> choosePrimary(facts);
            case "failover-policy" -> failoverPolicy(facts);
            case "approval-policy" -> approvalPolicy(facts);
            default -> promotionPolicy(facts);
        };
    }

    private static Map<String, Object> choosePrimary(Map<String, Object> facts) {
        if (fact(facts, "role").equals("never")) {
            return ballot(false, 99, "is never to be promoted, by the configuration");
        }
        if (fact(facts, "excluded").equals(true)) {
            return ballot(false, 99, "was tried in this run and failed");
        }
        if ((long) fact(facts, "errant") > 0) {
            return ballot(false, 99, "holds errant transactions, which its replicas would have to take");
        }
        if (fact(facts, "logBin").equals(false) || fact(facts, "logReplicaUpdates").equals(false)) {
            return ballot(false, 99, "does not log what it replicates, so nobody could follow it");
        }
        if (fact(facts, "versionClass").equals("higher")) {
            return ballot(false, 99, "is newer than another server, which could not follow it");
        }
        if (fact(facts, "applier").equals("failed")) {
            return ballot(false, 99, "its applier stopped with an error");
        }
        if (!fact(facts, "filters").equals("")) {
            return ballot(false, 99, "replicates only a part");
        }
        if ((long) fact(facts, "delaySeconds") > 0) {
            return fact(facts, "agreed").equals(true)
                    ? ballot(true, 90, "delayed on purpose, and a person agrees that it is the last resort")
                    : ballot(false, 99, "is delayed on purpose");
        }
        if (fact(facts, "purgedGap").equals(true)) {
            return ballot(true, 50, "eligible as a last resort: another replica needs what it has purged");
        }
        boolean preferred = fact(facts, "role").equals("preferred");
        boolean complete = (long) fact(facts, "missing") == 0;
        return ballot(true, (preferred ? 10 : 30) + (complete ? 0 : 10), (preferred ? "preferred" : "allowed")
                + (complete ? ", and has everything" : ", once it has fetched what it lacks"));
    }

    private static Map<String, Object> ballot(boolean eligible, int rank, String reason) {
        return Map.of("eligible", eligible, "rank", rank, "reason", reason);
    }

    private static Map<String, Object> failoverPolicy(Map<String, Object> facts) {
        if (!Set.of("crashed", "host-lost", "hung", "disk-full", "disk-stalled").contains(fact(facts, "verdict"))) {
            return Map.of("action", "stand-down", "reason", "The verdict is not that the primary is lost.");
        }
        if (fact(facts, "startedBy").equals("person")) {
            return Map.of("action", "act", "reason", "A person asked for it, and the loss is confirmed.");
        }
        if (fact(facts, "paused").equals("yes")) {
            return Map.of("action", "stand-down", "reason", "A person has paused this cluster.");
        }
        boolean ownWord = String.valueOf(fact(facts, "verdict")).startsWith("disk-");
        return fact(facts, "recentFailover").equals("no") && (ownWord || fact(facts, "unanimous").equals("yes"))
                && (int) fact(facts, "clustersFailing") <= 2
                        ? Map.of("action", "act", "reason", "The primary is lost and everybody who answers agrees.")
                        : Map.of("action", "ask", "reason", "Not everything speaks for it.");
    }

    private static Map<String, Object> approvalPolicy(Map<String, Object> facts) {
        boolean overridden = (int) fact(facts, "overrides") > 0;
        boolean grave = Set.of("production", "critical").contains(fact(facts, "tier"));
        int people = 0;
        if (!fact(facts, "startedBy").equals("person")) {
            people = 1;
        } else if (overridden) {
            people = grave ? 2 : 1;
        } else if ((long) fact(facts, "expectedMillis") > 1000) {
            people = 1;
        } else if (grave) {
            people = fact(facts, "tier").equals("critical") ? 2 : 1;
        }
        return Map.of("people", people, "minutes", 0, "atDeadline", "no", "reason", "By its tier.");
    }

    private static Map<String, Object> promotionPolicy(Map<String, Object> facts) {
        if (fact(facts, "loss").equals("known")) {
            return Map.of("action", "ask", "reason", "Writes are lost.");
        }
        if (fact(facts, "salvage").equals("failed") && fact(facts, "unsalvaged").equals("ask")
                && !fact(facts, "loss").equals("none")) {
            return Map.of("action", "ask", "reason", "What only the old primary has could not be salvaged.");
        }
        if (!fact(facts, "fence").equals("unproven")) {
            return Map.of("action", "go", "reason", "The old primary is closed.");
        }
        return fact(facts, "unprovenFence").equals("act") && fact(facts, "unanimous").equals("yes")
                ? Map.of("action", "go", "reason", "Every witness has lost it, and the policy is to act.")
                : Map.of("action", "ask", "reason", "The old primary could not be proven closed.");
    }

    private static Object fact(Map<String, Object> facts, String name) {
        return java.util.Objects.requireNonNull(facts.get(name), name);
    }
}
