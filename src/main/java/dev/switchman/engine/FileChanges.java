package dev.switchman.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** What one diagram, table or form changes, in an operator's words. Both have passed {@link RunbookLint}, or can be read at least. */
final class FileChanges {

    private FileChanges() {}

    /** @return a line for each difference; none when both are the same to the byte */
    static List<String> between(String name, byte[] before, byte[] after) {
        if (Arrays.equals(before, after)) {
            return List.of();
        }
        List<String> lines = name.endsWith(".bpmn")
                ? DiagramChanges.between(before, after)
                : name.endsWith(".dmn") ? TableChanges.between(before, after) : form(before, after);
        return lines.isEmpty()
                ? List.of("~ nothing that a run would notice: white space, remarks, or the order in the file")
                : lines;
    }

    private static List<String> form(byte[] before, byte[] after) {
        return Marks.between(fields(before), fields(after));
    }

    private static Map<String, Marks.Thing> fields(byte[] content) {
        Map<String, Marks.Thing> fields = new LinkedHashMap<>();
        JsonNode form = read(content);
        Map<String, String> frame = traits(form);
        frame.remove("components");
        fields.put("", new Marks.Thing("the form itself", "", frame));
        for (JsonNode field : form.path("components")) {
            Map<String, String> traits = traits(field);
            String label = field.path("label").asText(field.path("text").asText(""));
            fields.put(field.path("id").asText(label), new Marks.Thing("field " + Marks.quoted(label),
                    String.join(", ", traits.entrySet().stream().map(Map.Entry::toString).toList()), traits));
        }
        return fields;
    }

    private static JsonNode read(byte[] content) {
        try {
            return new ObjectMapper().readTree(content);
        } catch (IOException e) {
            throw new UncheckedIOException("a form that cannot be read", e);
        }
    }

    private static Map<String, String> traits(JsonNode node) {
        Map<String, String> traits = new TreeMap<>();
        for (Iterator<Map.Entry<String, JsonNode>> each = node.fields(); each.hasNext();) {
            Map.Entry<String, JsonNode> field = each.next();
            traits.put(field.getKey(), field.getValue().isValueNode()
                    ? field.getValue().asText()
                    : field.getValue().toString());
        }
        return traits;
    }
}
