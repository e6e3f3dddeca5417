package dev.switchman.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.w3c.dom.Element;

/**
 * A decision table as it was written, with the rows that fired.
 *
 * @param inputs labels @param outputs labels
 */
record DecisionTable(String name, List<String> inputs, List<String> outputs, List<Row> rows) {

    /** @param number from 1 @param cells of the inputs, then of the outputs; {@code -} where anything will do */
    record Row(int number, boolean fired, List<String> cells, String reason) {}

    /** @return the table of that id; empty when the XML has none */
    static Optional<DecisionTable> read(String xml, String id, List<String> fired) {
        return Xml.all(Xml.root(xml), "decision")
                .stream()
                .filter(decision -> decision.getAttribute("id").equals(id))
                .findFirst()
                .flatMap(decision -> Xml.child(decision, "decisionTable")
                        .map(table -> read(Xml.line(decision.getAttribute("name")), table, Set.copyOf(fired))));
    }

    private static DecisionTable read(String name, Element table, Set<String> fired) {
        List<Row> rows = new ArrayList<>();
        for (Element rule : Xml.children(table, "rule")) {
            List<String> cells = new ArrayList<>();
            Xml.children(rule, "inputEntry").forEach(entry -> cells.add(cell(entry)));
            Xml.children(rule, "outputEntry").forEach(entry -> cells.add(cell(entry)));
            rows.add(new Row(rows.size() + 1, fired.contains(rule.getAttribute("id")), List.copyOf(cells),
                    Xml.text(rule, "description")));
        }
        return new DecisionTable(name, labels(table, "input"), labels(table, "output"), List.copyOf(rows));
    }

    private static List<String> labels(Element table, String kind) {
        return Xml.children(table, kind)
                .stream()
                .map(clause -> clause.getAttribute(clause.getAttribute("label").isBlank() ? "id" : "label"))
                .toList();
    }

    private static String cell(Element entry) {
        String text = Xml.text(entry, "text");
        return text.isEmpty() ? "-" : text;
    }

    List<Row> fired() {
        return rows.stream().filter(Row::fired).toList();
    }
}
