package dev.switchman.engine;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.camunda.bpm.model.dmn.Dmn;
import org.camunda.bpm.model.dmn.instance.Decision;
import org.camunda.bpm.model.dmn.instance.DecisionTable;
import org.camunda.bpm.model.dmn.instance.DmnElement;
import org.camunda.bpm.model.dmn.instance.DmnModelElementInstance;
import org.camunda.bpm.model.dmn.instance.Input;
import org.camunda.bpm.model.dmn.instance.Output;
import org.camunda.bpm.model.dmn.instance.Rule;

/** What a decision table has that another has not: rows, cells, columns, and the order of rows where the first one counts. */
final class TableChanges {

    private final Decision decision;
    private final DecisionTable table;
    private final List<String> columns = new ArrayList<>();
    private final List<Rule> rows;

    private TableChanges(byte[] content) {
        var model = Dmn.readModelFromStream(new ByteArrayInputStream(content));
        this.decision = model.getModelElementsByType(Decision.class).iterator().next();
        this.table = model.getModelElementsByType(DecisionTable.class).iterator().next();
        table.getInputs().forEach(input -> columns.add(title(input)));
        table.getOutputs().forEach(output -> columns.add("answer " + output.getName()));
        this.rows = List.copyOf(table.getRules());
    }

    static List<String> between(byte[] before, byte[] after) {
        TableChanges was = new TableChanges(before);
        TableChanges is = new TableChanges(after);
        List<String> lines = new ArrayList<>(Marks.between(was.frame(), is.frame()));
        lines.addAll(Marks.between(was.rows(), is.rows()));
        if (!was.order(is).equals(is.order(was))) {
            lines.add("~ the order of rows: " + was.order(is) + " -> " + is.order(was));
        }
        return lines;
    }

    private static String title(Input input) {
        return input.getLabel() == null || input.getLabel().isBlank()
                ? text(input.getInputExpression())
                : input.getLabel().strip();
    }

    private Map<String, Marks.Thing> frame() {
        Map<String, Marks.Thing> things = new LinkedHashMap<>();
        things.put(decision.getId(), new Marks.Thing("the table itself", "", Map.of(
                "label", String.valueOf(decision.getName()),
                "which row counts", String.valueOf(table.getHitPolicy()),
                "history is kept", String.valueOf(decision.getCamundaHistoryTimeToLiveString()),
                "sentence", decision.getDescription() == null ? "" : text(decision.getDescription()))));
        for (Input input : table.getInputs()) {
            things.put(input.getId(), new Marks.Thing("column \"" + title(input) + "\"", "", Map.of(
                    "label", title(input), "asks for", text(input.getInputExpression()))));
        }
        for (Output output : table.getOutputs()) {
            things.put(output.getId(), new Marks.Thing("answer \"" + output.getName() + "\"", "", Map.of(
                    "name", String.valueOf(output.getName()))));
        }
        return things;
    }

    private Map<String, Marks.Thing> rows() {
        Map<String, Marks.Thing> things = new LinkedHashMap<>();
        for (int i = 0; i < rows.size(); i++) {
            Rule row = rows.get(i);
            Map<String, String> cells = cells(row);
            String whole = cells.entrySet()
                    .stream()
                    .filter(cell -> !cell.getValue().isEmpty())
                    .map(cell -> cell.getKey() + " " + cell.getValue())
                    .collect(Collectors.joining(", "));
            things.put(row.getId(), new Marks.Thing("row " + (i + 1), whole, cells));
        }
        return things;
    }

    private Map<String, String> cells(Rule row) {
        Map<String, String> cells = new LinkedHashMap<>();
        List<DmnElement> entries = new ArrayList<>(row.getInputEntries());
        entries.addAll(row.getOutputEntries());
        for (int i = 0; i < entries.size() && i < columns.size(); i++) {
            cells.put(columns.get(i), text(entries.get(i)));
        }
        cells.put("reason", row.getDescription() == null ? "" : text(row.getDescription()));
        return cells;
    }

    /** @return ids of the rows that the other has too, in the order of this one */
    private List<String> order(TableChanges other) {
        Collection<String> theirs = other.rows.stream().map(Rule::getId).collect(Collectors.toSet());
        return rows.stream().map((Function<Rule, String>) Rule::getId).filter(theirs::contains).toList();
    }

    private static String text(DmnModelElementInstance element) {
        return element.getTextContent().strip().replaceAll("\\s+", " ");
    }
}
