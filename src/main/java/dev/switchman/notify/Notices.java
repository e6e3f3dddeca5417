package dev.switchman.notify;

import java.net.URI;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Severity;

/** Turns a notice into a text that outlives the process, and back. */
public final class Notices {

    private static final JsonMapper JSON = new JsonMapper();

    private Notices() {}

    public static String print(Notice notice) {
        ObjectNode json = JSON.createObjectNode()
                .put("id", notice.id())
                .put("cluster", notice.cluster().value())
                .put("tier", notice.tier())
                .put("at", notice.at().toString())
                .put("kind", notice.kind().name())
                .put("severity", notice.severity().name())
                .put("reach", notice.reach().name())
                .put("headline", notice.headline())
                .put("text", notice.text());
        ObjectNode about = json.putObject("about");
        notice.about().forEach(about::put);
        notice.link().ifPresent(link -> json.put("link", link.toString()));
        return json.toString();
    }

    /** @throws IllegalArgumentException for a text that {@link #print} has not made */
    public static Notice parse(String text) {
        JsonNode json;
        try {
            json = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a notice: " + e.getOriginalMessage(), e);
        }
        Map<String, String> about = new LinkedHashMap<>();
        json.path("about").properties().forEach(entry -> about.put(entry.getKey(), entry.getValue().asText()));
        return new Notice(json.path("id").asText(), new ClusterName(json.path("cluster").asText()),
                json.path("tier").asText(), Instant.parse(json.path("at").asText()),
                Notice.Kind.valueOf(json.path("kind").asText()), Severity.valueOf(json.path("severity").asText()),
                Severity.valueOf(json.path("reach").asText()), json.path("headline").asText(),
                json.path("text").asText(), about,
                Optional.of(json.path("link").asText()).filter(link -> !link.isEmpty()).map(URI::create));
    }
}
