package dev.switchman.lab;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What an outage consists of: how many milliseconds after its beginning each part of a run was over, in the order of the
 * parts. Read from the run's own timeline, in which a part that was repeated counts with its last time.
 *
 * @param milliseconds by the name of the part
 */
record Parts(Map<String, Long> milliseconds) {

    /** Parts of a failover, with the step that each ends with. */
    private static final Map<String, String> FAILOVER = inOrder("confirmed", "askFailoverPolicy", "fenced",
            "fenceOldPrimary", "caught up", "catchUpCandidate", "open", "openPrimary");
    private static final Map<String, String> SWITCHOVER = inOrder("closed", "closeOldPrimary", "caught up",
            "matchOldPrimary", "detached", "detachCandidate", "open", "openCandidate");
    private static final String SECTION = "closeOldPrimary";
    private static final String ADDED = "add the virtual IP";

    Parts {
        milliseconds = new LinkedHashMap<>(milliseconds);
    }

    /** @param struck when the primary was lost */
    static Parts ofFailover(JsonNode run, Instant struck) {
        Map<String, Long> parts = new LinkedHashMap<>();
        parts.put("noticed", since(struck, Instant.parse(run.path("startedAt").asText())));
        FAILOVER.forEach((part, step) -> ended(run, step).ifPresent(at -> parts.put(part, since(struck, at))));
        announced(run).ifPresent(at -> parts.put("announced", since(struck, at)));
        return new Parts(parts);
    }

    /** Counted from the moment in which the old primary is about to be closed. */
    static Parts ofSwitchover(JsonNode run) {
        Instant closing = steps(run, SECTION).findFirst()
                .map(Parts::at)
                .orElseThrow(() -> new LabException("run " + run.path("run").asText() + " never closed a primary"));
        Map<String, Long> parts = new LinkedHashMap<>();
        SWITCHOVER.forEach((part, step) -> ended(run, step).ifPresent(at -> parts.put(part, since(closing, at))));
        announced(run).ifPresent(at -> parts.put("announced", since(closing, at)));
        return new Parts(parts);
    }

    private static Map<String, String> inOrder(String... names) {
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < names.length; i += 2) {
            map.put(names[i], names[i + 1]);
        }
        return map;
    }

    private static java.util.stream.Stream<JsonNode> steps(JsonNode run, String step) {
        List<JsonNode> entries = new ArrayList<>();
        run.path("timeline").forEach(entries::add);
        return entries.stream()
                .filter(entry -> entry.path("kind").asText().equals("step")
                        && entry.path("step").asText().equals(step));
    }

    private static Optional<Instant> ended(JsonNode run, String step) {
        return steps(run, step).filter(entry -> entry.path("outcome").isTextual())
                .reduce((one, next) -> next)
                .map(Parts::at);
    }

    /** The address is announced in the round trip that adds it. */
    private static Optional<Instant> announced(JsonNode run) {
        List<JsonNode> entries = new ArrayList<>();
        run.path("timeline").forEach(entries::add);
        return entries.stream()
                .filter(entry -> entry.path("kind").asText().equals("action")
                        && entry.path("text").asText().contains(ADDED))
                .findFirst()
                .map(Parts::at);
    }

    private static Instant at(JsonNode entry) {
        return Instant.parse(entry.path("at").asText());
    }

    private static long since(Instant begin, Instant at) {
        return Duration.between(begin, at).toMillis();
    }

    ObjectNode json() {
        ObjectNode object = new ObjectMapper().createObjectNode();
        milliseconds.forEach(object::put);
        return object;
    }

    static Parts parse(JsonNode object) {
        Map<String, Long> parts = new LinkedHashMap<>();
        object.properties().forEach(part -> parts.put(part.getKey(), part.getValue().asLong()));
        return new Parts(parts);
    }

    @Override
    public String toString() {
        return milliseconds.entrySet()
                .stream()
                .map(part -> String.format(Locale.ROOT, "%s %d", part.getKey(), part.getValue()))
                .collect(Collectors.joining(", "));
    }
}
