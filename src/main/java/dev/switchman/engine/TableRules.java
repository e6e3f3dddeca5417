package dev.switchman.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import org.camunda.bpm.model.dmn.DmnModelInstance;
import org.camunda.bpm.model.dmn.HitPolicy;
import org.camunda.bpm.model.dmn.instance.Decision;
import org.camunda.bpm.model.dmn.instance.DecisionTable;
import org.camunda.bpm.model.dmn.instance.InputEntry;
import org.camunda.bpm.model.dmn.instance.LiteralExpression;
import org.camunda.bpm.model.dmn.instance.Rule;

/**
 * The house rules for decision tables: one decision under its file's name, UNIQUE, or FIRST with a last row that asks nothing (a
 * missing input is null, and matches whatever asks nothing), a reason at every row, no language but FEEL, and the columns
 * that the steps give and read.
 */
final class TableRules {

    private final String file;
    private final DmnModelInstance model;
    private final List<String> problems = new ArrayList<>();

    private TableRules(String file, DmnModelInstance model) {
        this.file = file;
        this.model = model;
    }

    /**
     * @param file name without ending
     * @param shipped the table that the steps were written for
     */
    static List<String> problems(String file, DmnModelInstance model, DmnModelInstance shipped) {
        TableRules rules = new TableRules(file, model);
        rules.check(shipped);
        return rules.problems;
    }

    private void check(DmnModelInstance shipped) {
        Collection<Decision> decisions = model.getModelElementsByType(Decision.class);
        Collection<DecisionTable> tables = model.getModelElementsByType(DecisionTable.class);
        if (decisions.size() != 1 || tables.size() != 1) {
            problem("file", "has " + decisions.size() + " decisions and " + tables.size()
                    + " tables; one of each is the rule");
            return;
        }
        Decision decision = decisions.iterator().next();
        if (!decision.getId().equals(file)) {
            problem(decision.getId(), "decision id and file name differ");
        }
        if (decision.getCamundaHistoryTimeToLiveString() == null) {
            problem(decision.getId(), "has no history time to live");
        }
        DecisionTable table = tables.iterator().next();
        if (table.getHitPolicy() != HitPolicy.FIRST && table.getHitPolicy() != HitPolicy.UNIQUE) {
            problem(table.getId(), "hit policy " + table.getHitPolicy() + "; FIRST or UNIQUE is the rule");
        }
        columns(table, shipped.getModelElementsByType(DecisionTable.class).iterator().next());
        model.getModelElementsByType(LiteralExpression.class).forEach(this::language);
        model.getModelElementsByType(InputEntry.class)
                .forEach(entry -> language(entry, entry.getExpressionLanguage()));
        rows(List.copyOf(table.getRules()), table.getHitPolicy() == HitPolicy.FIRST);
    }

    private void rows(List<Rule> rows, boolean first) {
        for (Rule row : rows) {
            if (row.getDescription() == null || row.getDescription().getTextContent().isBlank()) {
                problem(row.getId(), "tells no reason");
            }
        }
        // In a UNIQUE table such a row would overlap every other.
        if (first && (rows.isEmpty() || !rows.getLast()
                .getInputEntries()
                .stream()
                .allMatch(entry -> entry.getTextContent().isBlank()))) {
            problem(rows.isEmpty() ? file : rows.getLast().getId(),
                    "the last row must ask nothing: it is the safe answer to what no row foresaw");
        }
    }

    private void columns(DecisionTable table, DecisionTable shipped) {
        List<String> given = inputs(shipped);
        inputs(table).stream()
                .filter(input -> !given.contains(input))
                .forEach(input -> problem(table.getId(), "asks for " + input + ", which no step gives; there are "
                        + given));
        List<String> read = outputs(shipped);
        if (!outputs(table).equals(read)) {
            problem(table.getId(), "answers " + outputs(table) + "; the step reads " + read);
        }
    }

    private static List<String> inputs(DecisionTable table) {
        return table.getInputs()
                .stream()
                .map(input -> input.getInputExpression().getTextContent().strip())
                .toList();
    }

    private static List<String> outputs(DecisionTable table) {
        return table.getOutputs().stream().map(output -> String.valueOf(output.getName())).toList();
    }

    private void language(LiteralExpression expression) {
        language(expression, expression.getExpressionLanguage());
    }

    private void language(org.camunda.bpm.model.dmn.instance.DmnElement element,
            @org.jspecify.annotations.Nullable String language) {
        if (language != null && !language.equalsIgnoreCase("feel")) {
            problem(element.getId(), "is written in " + language + "; FEEL is the rule");
        }
    }

    private void problem(String element, String what) {
        problems.add(file + ".dmn: " + element + ": " + what);
    }
}
