package dev.switchman.engine;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What a person reads of a change before he agrees to it. */
class FileChangesTest {

    private static final Map<String, String> DIAGRAMS = ProjectFiles.texts("bpmn", ".bpmn");
    private static final Map<String, String> TABLES = ProjectFiles.texts("dmn", ".dmn");

    private static List<String> changes(String name, String before, String after) {
        return FileChanges.between(name, before.getBytes(StandardCharsets.UTF_8),
                after.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            failover | ${policy == 'go'} | ${policy == 'act'} | ~ way from "May it be opened?" to "Promote candidate" (Go): condition "${policy == 'go'}" -> "${policy == 'act'}"
            promote | camunda:asyncBefore="true" camunda:delegateExpression="${openPrimary}" | camunda:delegateExpression="${openPrimary}" | ~ box "Open primary" (Task_OpenPrimary): save point before it was "true", and is gone
            quarantine | errorRef="Error_SERVER_UNREACHABLE" | errorRef="Error_OUTCOME_UNKNOWN" | ~ event "Unreachable" (BoundaryEvent_Unreachable): error "SERVER_UNREACHABLE" -> "OUTCOME_UNKNOWN"
            quarantine | sourceRef="SubProcess_Fence" targetRef="Task_ReportRun" | sourceRef="SubProcess_Fence" targetRef="EndEvent_Done" | ~ way from "Fence the server" to "Report run": to "Task_ReportRun" -> "EndEvent_Done"
            approval | ${limitReminder} | ${limitApproval} | ~ event "Reminder" (BoundaryEvent_Reminder): time "${limitReminder}" -> "${limitApproval}"
            approval | camunda:candidateGroups="approver" | camunda:candidateGroups="operator" | ~ box for people "Answer question" (UserTask_Answer): group of people "approver" -> "operator"
            failover | <camunda:in source="loss" target="loss" /> |  | ~ called part "Promote candidate" (Call_Promote): hands over
            quarantine | isExecutable="true" | isExecutable="false" | ~ the runbook itself: executable "true" -> "false"
            """)
    void a_changed_word_of_a_diagram_is_told_with_its_box(String file, String good, String other, String line) {
        String text = DIAGRAMS.getOrDefault(file, "");
        assertThat(text).contains(good);

        List<String> lines = changes(file + ".bpmn", text, text.replaceFirst(java.util.regex.Pattern.quote(good),
                java.util.regex.Matcher.quoteReplacement(other == null ? "" : other)));

        assertThat(lines).hasSize(1).first().asString().startsWith(line);
    }

    @Test
    void new_boxes_and_ways_are_told_and_those_that_are_gone() {
        String text = DIAGRAMS.getOrDefault("approval", "");
        String more = text.replace("    <bpmn:boundaryEvent id=\"BoundaryEvent_Reminder\"",
                "    <bpmn:serviceTask id=\"Task_RemindPeople_Twice\" name=\"Remind twice\" camunda:asyncBefore=\"true\""
                        + " camunda:delegateExpression=\"${remindPeople}\"><bpmn:documentation>Once more.</bpmn:documentation>"
                        + "</bpmn:serviceTask>\n    <bpmn:boundaryEvent id=\"BoundaryEvent_Reminder\"")
                .replace("targetRef=\"EndEvent_Reminded\" />",
                        "targetRef=\"Task_RemindPeople_Twice\" />\n    <bpmn:sequenceFlow id=\"Flow_Twice\""
                                + " sourceRef=\"Task_RemindPeople_Twice\" targetRef=\"EndEvent_Reminded\" />");

        assertThat(changes("approval.bpmn", text, more)).containsExactlyInAnyOrder(
                "+ box \"Remind twice\" (Task_RemindPeople_Twice), new: " + whole(more),
                "+ way from \"Remind twice\" to \"Reminded\", new",
                "~ way from \"Remind people\" to \"Reminded\": to \"EndEvent_Reminded\" -> \"Task_RemindPeople_Twice\"");
        assertThat(changes("approval.bpmn", more, text)).contains(
                "- box \"Remind twice\" (Task_RemindPeople_Twice), gone",
                "- way from \"Remind twice\" to \"Reminded\", gone");
    }

    /** The order of what is said of a new box is of no account. */
    private static String whole(String more) {
        String line = changes("approval.bpmn", DIAGRAMS.getOrDefault("approval", ""), more).stream()
                .filter(one -> one.startsWith("+ box"))
                .findFirst()
                .orElseThrow();
        String whole = line.substring(line.indexOf(", new: ") + 7);
        assertThat(whole).contains("step \"${remindPeople}\"", "save point before it \"true\"",
                "sentence \"Once more.\"");
        return whole;
    }

    @Test
    void what_only_moves_in_the_picture_is_told_as_that() {
        String text = DIAGRAMS.getOrDefault("promote", "");

        assertThat(changes("promote.bpmn", text, text.replaceFirst("<dc:Bounds x=\"[0-9]+\"", "<dc:Bounds x=\"7\"")))
                .containsExactly("~ the picture: places, sizes or lines differ");
        assertThat(changes("promote.bpmn", text, text + "<!-- mine -->\n"))
                .containsExactly("~ nothing that a run would notice: white space, remarks, or the order in the file");
        assertThat(changes("promote.bpmn", text, text)).isEmpty();
    }

    @Test
    void rows_of_a_table_are_told_by_their_cells() {
        String text = TABLES.getOrDefault("promotion-policy", "");
        String asked = text.replaceFirst("<text>\"known\"</text>", "<text>\"known\", \"possible\"</text>");

        assertThat(changes("promotion-policy.dmn", text, asked)).containsExactly(
                "~ row 1: Acknowledged writes lost \"\"known\"\" -> \"\"known\", \"possible\"\"");
    }

    @Test
    void a_row_that_is_gone_and_one_that_has_moved_are_told() {
        String text = TABLES.getOrDefault("promotion-policy", "");
        int first = text.indexOf("      <rule id=\"Rule_promotion_policy_1\">");
        int second = text.indexOf("      <rule id=\"Rule_promotion_policy_2\">");
        int third = text.indexOf("      <rule id=\"Rule_promotion_policy_3\">");
        String row1 = text.substring(first, second);
        String row2 = text.substring(second, third);

        assertThat(changes("promotion-policy.dmn", text, text.replace(row1, "")))
                .containsExactly("- row 1, gone");
        assertThat(changes("promotion-policy.dmn", text, text.replace(row1 + row2, row2 + row1)))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("~ the order of rows: [Rule_promotion_policy_1, Rule_promotion_policy_2,")
                .contains("-> [Rule_promotion_policy_2, Rule_promotion_policy_1,");
        assertThat(changes("promotion-policy.dmn", text.replace(row1, ""), text)).singleElement()
                .asString()
                .startsWith("+ row 1, new: Acknowledged writes lost \"known\", answer action \"ask\"");
    }

    @Test
    void fields_of_a_form_are_told_by_their_label() {
        String text = ProjectFiles.texts("forms", ".form").getOrDefault("answer", "");

        assertThat(changes("answer.form", text, text.replace("\"label\": \"Yes, go on\"", "\"label\": \"Yes\"")))
                .singleElement()
                .asString()
                .startsWith("~ field \"Your answer\": values ");
    }
}
