package dev.switchman.notify;

import java.util.Locale;
import java.util.TreeMap;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.switchman.topology.Receiver;

/** Writes a notice as the receiver understands it. */
final class Shapes {

    private static final JsonMapper JSON = new JsonMapper();
    /** Slack refuses a section of more than 3,000 characters, and Teams a card of more than 28 KB. */
    private static final int MOST = 2_800;

    private Shapes() {}

    static String of(Receiver.Shape shape, Notice notice) {
        JsonNode json = switch (shape) {
            case JSON -> json(notice);
            case SLACK -> slack(notice);
            case TEAMS -> teams(notice);
        };
        return json.toString();
    }

    private static JsonNode json(Notice notice) {
        ObjectNode json = JSON.createObjectNode()
                .put("id", notice.id())
                .put("at", notice.at().toString())
                .put("kind", notice.kind().word())
                .put("severity", word(notice))
                .put("cluster", notice.cluster().value())
                .put("tier", notice.tier())
                .put("headline", notice.headline())
                .put("text", notice.text());
        ObjectNode about = json.putObject("about");
        new TreeMap<>(notice.about()).forEach(about::put);
        notice.link().ifPresent(link -> json.put("link", link.toString()));
        return json;
    }

    /** Incoming webhook: {@code text} is what notifications of phones show, {@code blocks} the message. */
    private static JsonNode slack(Notice notice) {
        ObjectNode message = JSON.createObjectNode().put("text", slackText(title(notice)));
        ArrayNode blocks = message.putArray("blocks");
        section(blocks, "*" + slackText(title(notice)) + "*");
        if (!notice.text().isBlank()) {
            section(blocks, "```" + slackText(cut(notice.text())).replace("```", "'''") + "```");
        }
        String context = notice.at() + notice.link().map(link -> "  <" + link + "|open>").orElse("");
        blocks.addObject()
                .put("type", "context")
                .putArray("elements")
                .addObject()
                .put("type", "mrkdwn")
                .put("text", context);
        return message;
    }

    private static void section(ArrayNode blocks, String text) {
        blocks.addObject().put("type", "section").putObject("text").put("type", "mrkdwn").put("text", text);
    }

    /** The three characters that Slack reads as its own. */
    private static String slackText(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    /** A message with one adaptive card, as the workflow "post to a channel when a webhook request is received" takes it. */
    private static JsonNode teams(Notice notice) {
        ObjectNode message = JSON.createObjectNode().put("type", "message");
        ObjectNode card = message.putArray("attachments")
                .addObject()
                .put("contentType", "application/vnd.microsoft.card.adaptive")
                .putObject("content");
        card.put("$schema", "http://adaptivecards.io/schemas/adaptive-card.json")
                .put("type", "AdaptiveCard")
                .put("version", "1.4");
        ArrayNode body = card.putArray("body");
        body.addObject()
                .put("type", "TextBlock")
                .put("text", title(notice))
                .put("weight", "Bolder")
                .put("wrap", true)
                .put("color", switch (notice.severity()) {
                    case INFO -> "Default";
                    case WARNING -> "Warning";
                    case CRITICAL -> "Attention";
                });
        if (!notice.text().isBlank()) {
            body.addObject()
                    .put("type", "TextBlock")
                    .put("text", cut(notice.text()).replace("\n", "\n\n"))
                    .put("wrap", true)
                    .put("fontType", "Monospace")
                    .put("size", "Small");
        }
        body.addObject().put("type", "TextBlock").put("text", notice.at().toString()).put("isSubtle", true);
        notice.link()
                .ifPresent(link -> card.putArray("actions")
                        .addObject()
                        .put("type", "Action.OpenUrl")
                        .put("title", "Open")
                        .put("url", link.toString()));
        return message;
    }

    private static String title(Notice notice) {
        return "[" + word(notice) + "] " + notice.cluster() + ": " + notice.headline();
    }

    private static String word(Notice notice) {
        return notice.severity().name().toLowerCase(Locale.ROOT);
    }

    private static String cut(String text) {
        return text.length() <= MOST ? text : text.substring(0, MOST) + "…";
    }
}
