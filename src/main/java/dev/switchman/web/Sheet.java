package dev.switchman.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.springframework.stereotype.Component;

/** Draws what a run went through: its diagrams with the way it took, and its tables with the rows that fired. */
@Component
class Sheet {

    private static final List<String> STYLES = List.of("static/assets/switchman.css", "static/assets/diagram.css");

    private final ObjectMapper json;

    Sheet(ObjectMapper json) {
        this.json = json;
    }

    /** @param drawn the picture, made when it is asked for: a page that is looked at again needs only the marks
     *  @param marks what a viewer marks, as JSON */
    record Drawing(String instance, RunStory.Version version, Supplier<String> drawn, String marks) {

        /** @return markup, safe as it is */
        public String svg() {
            return drawn.get();
        }
    }

    /** @param rows of the table; null where the XML holds none */
    record Table(int number, RunStory.Decision decision, @Nullable DecisionTable table) {}

    record Drawn(List<Drawing> drawings, List<Table> tables) {

        Drawn {
            drawings = List.copyOf(drawings);
            tables = List.copyOf(tables);
        }
    }

    Drawn of(Stories.Told told) {
        List<Drawing> drawings = new ArrayList<>();
        List<Table> tables = new ArrayList<>();
        for (int i = 0; i < told.ways().size(); i++) {
            drawings.add(drawing(told.ways().get(i), told.story().parts().get(i), i));
        }
        for (int i = 0; i < told.tables().size(); i++) {
            tables.add(new Table(i, told.story().decisions().get(i), told.tables().get(i).orElse(null)));
        }
        return new Drawn(drawings, tables);
    }

    private Drawing drawing(Stories.Way way, RunStory.Part told, int number) {
        Trail trail = way.trail();
        Map<String, Object> marks = new LinkedHashMap<>();
        marks.put("done", trail.boxes(Trail.State.DONE));
        marks.put("now", trail.boxes(Trail.State.NOW));
        marks.put("left", trail.boxes(Trail.State.LEFT));
        marks.put("flows", trail.flows());
        marks.put("times", trail.times());
        String title = "Diagram " + told.diagram().name() + ", version " + told.diagram().version()
                + ", with the way that the run took";
        try {
            return new Drawing(told.instance(), told.diagram(), () -> way.diagram().svg("d" + number, title, trail),
                    json.writeValueAsString(marks));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the marks of a diagram cannot be written", e);
        }
    }

    /** @return the style sheets of the pages, for a file that stands alone */
    String styles() {
        StringBuilder styles = new StringBuilder();
        for (String path : STYLES) {
            try (InputStream sheet = new ClassPathResource(path).getInputStream()) {
                styles.append(new String(sheet.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException("the program lacks " + path, e);
            }
        }
        return styles.toString();
    }
}
