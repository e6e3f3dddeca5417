package dev.switchman.engine;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.dmn.Dmn;
import org.camunda.bpm.model.dmn.DmnModelInstance;
import org.camunda.bpm.model.xml.ModelException;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

import dev.switchman.runbook.Step;

/**
 * Says what is wrong with edited diagrams, decision tables and forms before anybody runs them: what no diagram may hold, the
 * house rules, and the safety order on every path of every runbook.
 */
public final class RunbookLint {

    private static final String DIAGRAM = ".bpmn";
    private static final String TABLE = ".dmn";
    private static final String FORM = ".form";

    private final Map<String, byte[]> shipped;
    private final Map<String, Class<? extends Step>> steps;
    /** Reading a diagram takes longer than judging it. */
    private final Map<ByteBuffer, BpmnModelInstance> untouched = new HashMap<>();

    private RunbookLint(Map<String, byte[]> shipped, Map<String, Class<? extends Step>> steps) {
        this.shipped = shipped;
        this.steps = steps;
    }

    /** @return what this program brings, by file name */
    Map<String, byte[]> shipped() {
        return shipped;
    }

    /** @return one that judges files beside those that this program brings */
    public static RunbookLint ofThisProgram() {
        return new RunbookLint(RunbookFiles.brought(new PathMatchingResourcePatternResolver(),
                List.of(RunbookFiles.SHIPPED.split(","))), RunbookFiles.steps());
    }

    /**
     * Judges these files as if they were in force, and those that they do not replace with them.
     *
     * @param inForce contents by file name, which come before the program's own
     * @param edited contents by file name
     * @return every problem as {@code file: box: what}, in a fixed order; empty when all is well
     */
    public synchronized List<String> problems(Map<String, byte[]> inForce, Map<String, byte[]> edited) {
        List<String> problems = new ArrayList<>();
        Map<String, byte[]> all = new TreeMap<>(shipped);
        all.putAll(inForce);
        all.putAll(edited);
        edited.forEach((name, content) -> {
            if (!name.matches("[a-z][a-z0-9-]*\\.(bpmn|dmn|form)")) {
                problems.add(name + ": a name is lower case with hyphens and ends in .bpmn, .dmn or .form");
            } else if (name.endsWith(DIAGRAM)) {
                problems.addAll(DiagramGate.refusals(name, content, steps.keySet()));
            }
        });
        if (problems.isEmpty()) {
            read(all, edited.keySet(), problems);
        }
        return problems;
    }

    private void read(Map<String, byte[]> all, Set<String> edited, List<String> problems) {
        Map<String, BpmnModelInstance> diagrams = new TreeMap<>();
        Set<String> forms = new TreeSet<>();
        all.forEach((name, content) -> {
            String stem = name.substring(0, name.lastIndexOf('.'));
            try {
                if (name.endsWith(DIAGRAM)) {
                    diagrams.put(stem, edited.contains(name)
                            ? diagram(content)
                            : untouched.computeIfAbsent(ByteBuffer.wrap(content), any -> diagram(content)));
                } else if (name.endsWith(TABLE) && edited.contains(name)) {
                    problems.addAll(table(name, stem, content));
                } else if (name.endsWith(FORM)) {
                    forms.add(stem);
                    form(name, stem, content, problems);
                }
            } catch (ModelException e) {
                problems.add(name + ": cannot be read: " + e.getMessage());
            }
        });
        if (problems.isEmpty()) {
            problems.addAll(new DiagramRules(diagrams, steps, forms).problems());
        }
    }

    private static BpmnModelInstance diagram(byte[] content) {
        return Bpmn.readModelFromStream(new ByteArrayInputStream(content));
    }

    private List<String> table(String name, String stem, byte[] content) {
        DmnModelInstance model = Dmn.readModelFromStream(new ByteArrayInputStream(content));
        byte[] ours = shipped.get(name);
        return ours == null
                ? List.of(name + ": no step asks this table; there are " + tables())
                : TableRules.problems(stem, model, Dmn.readModelFromStream(new ByteArrayInputStream(ours)));
    }

    private List<String> tables() {
        return shipped.keySet().stream().filter(name -> name.endsWith(TABLE)).toList();
    }

    private static void form(String name, String stem, byte[] content, List<String> problems) {
        try {
            String id = new ObjectMapper().readTree(new String(content, StandardCharsets.UTF_8)).path("id").asText();
            if (!id.equals(stem)) {
                problems.add(name + ": form id and file name differ: " + id);
            }
        } catch (JsonProcessingException e) {
            problems.add(name + ": cannot be read: " + e.getOriginalMessage());
        }
    }
}
