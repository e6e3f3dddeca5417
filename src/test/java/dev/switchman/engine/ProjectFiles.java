package dev.switchman.engine;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

import org.camunda.bpm.model.bpmn.Bpmn;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;

/** The diagrams, tables and forms of the project, and the steps that they may name. */
final class ProjectFiles {

    private ProjectFiles() {}

    /** @return texts by file name without ending */
    static Map<String, String> texts(String folder, String ending) {
        try (Stream<Path> files = Files.list(Path.of(folder))) {
            Map<String, String> texts = new TreeMap<>();
            for (Path file : files.filter(path -> path.toString().endsWith(ending)).toList()) {
                String name = file.getFileName().toString();
                texts.put(name.substring(0, name.length() - ending.length()), Files.readString(file));
            }
            return texts;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder, e);
        }
    }

    static Map<String, BpmnModelInstance> diagrams(Map<String, String> texts) {
        Map<String, BpmnModelInstance> models = new TreeMap<>();
        texts.forEach((name, text) -> models.put(name,
                Bpmn.readModelFromStream(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))));
        return models;
    }

    static Set<String> forms() {
        return texts("forms", ".form").keySet();
    }
}
