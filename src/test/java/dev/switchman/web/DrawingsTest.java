package dev.switchman.web;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;

import dev.switchman.runbook.RunHistory.Visit;
import dev.switchman.verdict.Specimens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Diagrams, tables and clusters as they are drawn. */
class DrawingsTest {

    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    private static String diagram(String name) throws IOException {
        return Files.readString(Path.of("bpmn", name + ".bpmn"));
    }

    private static Visit visit(String box, int from, int until, boolean interrupted) {
        return new Visit(box, box, NOON.plusMillis(from), Optional.of(NOON.plusMillis(until)), interrupted);
    }

    @ParameterizedTest
    @ValueSource(strings = {"failover", "switchover", "promote", "approval", "quarantine", "reopen"})
    void everyBoxOfARunbookIsDrawnOnceAndNothingRunsOrIsFetched(String name) throws IOException {
        String xml = diagram(name);
        Element source = Xml.root(xml);
        Diagram read = Diagram.read(xml);

        Element svg = Xml.root(read.svg("d", name, Trail.of(read, List.of())));

        long boxes = Xml.all(svg, "g")
                .stream()
                .filter(group -> group.getAttribute("class").startsWith("box "))
                .count();
        long flows = Xml.all(svg, "g")
                .stream()
                .filter(group -> group.getAttribute("class").startsWith("flow "))
                .count();
        assertThat(boxes).isEqualTo(Xml.all(source, "BPMNShape").size());
        assertThat(flows).isEqualTo(Xml.all(source, "BPMNEdge").size());
        String words = svg.getTextContent().replaceAll("\\s+", "");
        read.labels().values().forEach(label -> assertThat(words).contains(label.replaceAll("\\s+", "")));
        assertThat(Xml.all(svg, "script")).isEmpty();
        assertThat(Xml.all(svg, "*")).allSatisfy(element -> {
            assertThat(element.hasAttribute("href")).isFalse();
            assertThat(element.hasAttribute("style")).isFalse();
        });
    }

    @Test
    void theWayThatWasTakenIsMarkedWithTheTimeInEachBox() throws IOException {
        Diagram failover = Diagram.read(diagram("failover"));
        List<Visit> visits = List.of(visit("StartEvent_1", 0, 0, false),
                visit("Task_ConfirmFailure", 0, 412, true), visit("BoundaryEvent_PrimaryAlive", 412, 412, false),
                new Visit("Task_ReportRun", "Report run", NOON.plusMillis(412), Optional.empty(), false));

        Trail trail = Trail.of(failover, visits);

        assertThat(trail.state("Task_ConfirmFailure")).isEqualTo(Trail.State.LEFT);
        assertThat(trail.state("Task_ReportRun")).isEqualTo(Trail.State.NOW);
        assertThat(trail.state("StartEvent_1")).isEqualTo(Trail.State.DONE);
        assertThat(trail.state("Task_FenceOldPrimary")).isEqualTo(Trail.State.IDLE);
        assertThat(trail.times()).isEqualTo(Map.of("Task_ConfirmFailure", "412 ms"));
        Set<String> ends = failover.flows()
                .stream()
                .filter(flow -> trail.took(flow.id()))
                .map(flow -> flow.source() + ">" + flow.target())
                .collect(Collectors.toSet());
        assertThat(ends).containsExactlyInAnyOrder("StartEvent_1>Task_ConfirmFailure",
                "BoundaryEvent_PrimaryAlive>Task_ReportRun");
        assertThat(failover.svg("d", "x", trail)).contains(">412 ms<");
    }

    @Test
    void aHostileLabelStaysText() throws IOException {
        String xml = diagram("reopen").replaceFirst("name=\"Report run\"",
                "name=\"&lt;script&gt;alert(1)&lt;/script&gt; &quot;x&quot;\"");
        Diagram hostile = Diagram.read(xml);

        String svg = hostile.svg("d\"><script>", "t<b>", Trail.of(hostile, List.of()));

        assertThat(svg).doesNotContain("<script", "<b>").contains("&lt;script&gt;");
    }

    @Test
    void aStoredTextThatWouldFetchSomethingIsRefused() {
        assertThatThrownBy(() -> Diagram.read("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("DOCTYPE");
    }

    @Test
    void aTableIsReadWithTheRowsThatFired() throws IOException {
        String xml = Files.readString(Path.of("dmn", "choose-primary.dmn"));

        DecisionTable table = DecisionTable.read(xml, "choose-primary", List.of("Rule_choose_primary_2")).orElseThrow();

        assertThat(table.name()).isEqualTo("Choose primary");
        assertThat(table.inputs()).startsWith("Role in the configuration", "Failed in this run");
        assertThat(table.outputs()).containsExactly("Eligible", "Rank", "Reason");
        assertThat(table.rows().getFirst().cells()).startsWith("\"never\"", "-")
                .hasSize(table.inputs().size() + table.outputs().size());
        assertThat(table.fired()).extracting(DecisionTable.Row::number, DecisionTable.Row::reason)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(2, "was tried in this run and failed"));
        assertThat(DecisionTable.read(xml, "another", List.of())).isEmpty();
    }

    @Test
    void aHealthyClusterIsDrawnWithItsPrimaryAboveAndTheAddressOnIt() {
        Picture picture = Picture.of(Specimens.cluster(2, 1), Optional.of(Specimens.healthy()),
                Optional.of(Specimens.DB1), Map.of());

        assertThat(picture.servers()).extracting(Picture.Server::node, Picture.Server::role, Picture.Server::mood)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("db1:3306", "primary", "good"),
                        org.assertj.core.groups.Tuple.tuple("db2:3306", "replica", "good"),
                        org.assertj.core.groups.Tuple.tuple("db3:3306", "replica", "good"));
        assertThat(picture.servers().getFirst().state()).isEqualTo("accepts writes");
        assertThat(picture.servers().getFirst().holdsAddress()).isEqualTo("virtual IP 10.0.0.9/32");
        assertThat(picture.address()).isNull();
        assertThat(picture.servers().get(1).y()).isGreaterThan(picture.servers().getFirst().y());
        assertThat(picture.servers().get(1).lines()).contains("GTID gap: none");
        assertThat(picture.arrows()).hasSize(2).allMatch(arrow -> arrow.mood().equals("good"));
    }

    @Test
    void aClusterThatWasNeverLookedAtIsDrawnAllTheSame() {
        Picture picture = Picture.of(Specimens.cluster(2, 1), Optional.empty(), Optional.empty(), Map.of());

        assertThat(picture.servers()).extracting(Picture.Server::state).containsOnly("not looked at yet");
        assertThat(picture.arrows()).isEmpty();
        assertThat(picture.address()).isEqualTo("10.0.0.9/32: not seen yet");
    }

    @ParameterizedTest
    @CsvSource({"PT0.412S,412 ms", "PT3.14S,3.1 s", "PT12M5S,12 min 5 s", "PT3H2M,3 h 2 min", "PT97H,4 d 1 h"})
    void aDurationIsSaidInTwoUnitsAtMost(String duration, String words) {
        assertThat(Moments.took(Duration.parse(duration))).isEqualTo(words);
    }
}
