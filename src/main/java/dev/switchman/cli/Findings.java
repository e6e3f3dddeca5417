package dev.switchman.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.switchman.topology.Finding;

/** How findings are printed. */
final class Findings {

    private Findings() {}

    static void print(Terminal terminal, List<Finding> findings) {
        List<List<String>> rows = new ArrayList<>();
        for (Finding finding : findings) {
            rows.add(List.of(word(finding.grade()), finding.check(), finding.subject(), finding.detail()));
        }
        terminal.table(List.of("RESULT", "CHECK", "SUBJECT", "DETAIL"), rows);
    }

    static ObjectNode json(List<Finding> findings) {
        ObjectNode object = Json.object();
        add(object.putArray("findings"), findings);
        return object;
    }

    static void add(ArrayNode array, List<Finding> findings) {
        findings.forEach(finding -> array.addObject()
                .put("check", finding.check())
                .put("subject", finding.subject())
                .put("grade", word(finding.grade()))
                .put("detail", finding.detail()));
    }

    private static String word(Finding.Grade grade) {
        return grade.name().toLowerCase(Locale.ROOT);
    }
}
