package dev.switchman.notify;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Draws the text of a report as HTML: its headline, its facts as a table, each section under its title, the timeline as a table.
 * What it does not know it leaves as it stands. Styles stand at each element, because mail programs take no others; nothing is
 * loaded from anywhere.
 */
final class HtmlMail {

    private static final Pattern FACT = Pattern.compile("([A-Z][A-Za-z ]{0,20}?) {2,}(\\S.*)");
    private static final Pattern TITLE = Pattern.compile("[A-Z][^.:?!]{0,60}");
    private static final Pattern STEP = Pattern.compile(
            "\\+(\\d+\\.\\d{3}) s {2}(\\S+): (\\w+) in (\\d+) ms\\. ?(.*)");
    private static final String CELL = "<td style=\"padding:2px 12px 2px 0;vertical-align:top\">";

    private HtmlMail() {}

    static String of(String text) {
        List<String> lines = text.lines().toList();
        StringBuilder html = new StringBuilder("<!DOCTYPE html><html><body style=\"font-family:sans-serif;"
                + "font-size:14px;line-height:1.4;color:#1a1a1a;background:#ffffff\">");
        int at = 0;
        if (!lines.isEmpty() && !lines.getFirst().isBlank()) {
            html.append("<p style=\"font-size:17px;font-weight:bold\">")
                    .append(escaped(lines.getFirst()))
                    .append("</p>");
            at = 1;
        }
        while (at < lines.size()) {
            at = block(lines, at, html);
        }
        return html.append("</body></html>").toString();
    }

    /** @return where the next one begins */
    private static int block(List<String> lines, int from, StringBuilder html) {
        String line = lines.get(from);
        if (line.isBlank()) {
            return from + 1;
        }
        boolean titled = TITLE.matcher(line).matches() && from + 1 < lines.size()
                && lines.get(from + 1).startsWith("  ");
        if (titled) {
            html.append("<h2 style=\"font-size:15px;margin:16px 0 4px\">").append(escaped(line)).append("</h2>");
            List<String> items = new ArrayList<>();
            int at = from + 1;
            for (; at < lines.size() && lines.get(at).startsWith("  "); at++) {
                items.add(lines.get(at).substring(2));
            }
            items(items, html);
            return at;
        }
        int at = from;
        List<Matcher> facts = new ArrayList<>();
        for (Matcher fact = FACT.matcher(line); fact.matches();) {
            facts.add(fact);
            at++;
            fact = FACT.matcher(at < lines.size() ? lines.get(at) : "");
        }
        if (!facts.isEmpty()) {
            html.append("<table style=\"border-collapse:collapse\">");
            facts.forEach(fact -> html.append("<tr><th style=\"text-align:left;padding:2px 12px 2px 0\">")
                    .append(escaped(fact.group(1)))
                    .append("</th>")
                    .append(CELL)
                    .append(escaped(fact.group(2)))
                    .append("</td></tr>"));
            html.append("</table>");
            return at;
        }
        html.append("<p style=\"margin:8px 0;white-space:pre-wrap\">").append(escaped(line)).append("</p>");
        return from + 1;
    }

    private static void items(List<String> items, StringBuilder html) {
        if (items.stream().allMatch(item -> STEP.matcher(item).matches())) {
            html.append("<table style=\"border-collapse:collapse;font-size:13px\"><tr style=\"text-align:left\">"
                    + "<th>after</th><th>step</th><th>came to</th><th>took</th><th>what it says</th></tr>");
            for (String item : items) {
                Matcher step = STEP.matcher(item);
                if (step.matches()) {
                    String bad = step.group(3).equals("done") ? "" : " style=\"background:#fde8e8\"";
                    html.append("<tr").append(bad).append('>');
                    for (String cell : List.of(step.group(1) + " s", step.group(2), step.group(3),
                            step.group(4) + " ms", step.group(5))) {
                        html.append(CELL).append(escaped(cell)).append("</td>");
                    }
                    html.append("</tr>");
                }
            }
            html.append("</table>");
            return;
        }
        html.append("<pre style=\"margin:0;font-family:monospace;font-size:13px;white-space:pre-wrap\">");
        items.forEach(item -> html.append(escaped(item)).append('\n'));
        html.append("</pre>");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
