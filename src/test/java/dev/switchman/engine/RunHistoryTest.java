package dev.switchman.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;

import dev.switchman.fleet.FakeFleet;
import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunHistory;
import dev.switchman.runbook.RunHistory.Reply;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** What the engine tells of a run afterwards, from the real diagrams and tables. */
class RunHistoryTest {

    private final RunbookStage stage = RunbookStage.shared();
    private final RunHistory history = stage.get(RunHistory.class);

    @Test
    void aFailoverIsToldWithTheVersionsItRanByTheBoxesItPassedAndTheRowsThatFired() throws Exception {
        FakeFleet fleet = FakeFleet.of("db1", "db2", "db3");
        fleet.crash("db1");
        RunId run = stage.with(fleet).start(Runbook.FAILOVER, "monitor", Map.of(Run.VERDICT, "crashed"));
        stage.goOn();

        RunHistory.Trace trace = history.trace(run).orElseThrow();

        assertThat(trace.parts()).extracting(part -> part.diagram().key()).containsExactly("failover", "promote");
        RunHistory.Part root = trace.parts().getFirst();
        assertThat(root.instance()).isEqualTo(run.value());
        assertThat(root.caller()).isEmpty();
        assertThat(trace.parts().get(1).caller()).contains(run.value());
        String xml = Files.readString(Path.of("bpmn", "failover.bpmn"));
        assertThat(root.diagram().xml()).isEqualTo(xml);
        assertThat(root.diagram().checksum())
                .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(xml.getBytes(UTF_8))));
        assertThat(root.diagram().number()).isPositive();
        assertThat(root.visits()).extracting(RunHistory.Visit::box)
                .containsSubsequence("StartEvent_1", "Task_ConfirmFailure", "Task_AskFailoverPolicy",
                        "Task_FenceOldPrimary", "Task_StopReceivers", "Task_ChoosePrimary", "Call_Promote",
                        "Task_ReportRun")
                .doesNotContain("Call_AskHowToGoOn");
        assertThat(root.visits()).allSatisfy(visit -> assertThat(visit.until()).isPresent());
        assertThat(trace.decided()).extracting(decided -> decided.table().key())
                .containsSubsequence("failover-policy", "choose-primary", "choose-primary", "promotion-policy");
        assertThat(trace.decided()).filteredOn(decided -> decided.table().key().equals("choose-primary"))
                .allSatisfy(decided -> {
                    assertThat(decided.box()).isEqualTo("Task_ChoosePrimary");
                    assertThat(decided.facts()).containsEntry("Role in the configuration", "allowed");
                    assertThat(decided.rules()).hasSize(1);
                    assertThat(decided.table().xml()).contains("id=\"" + decided.rules().getFirst() + "\"");
                    assertThat(decided.answer()).containsEntry("eligible", "true");
                });
    }

    @Test
    void aQuestionIsKeptWithWhoMightNotAnswerAndWhoDid() {
        FakeFleet fleet = FakeFleet.of("db1", "db2", "db3");
        fleet.tier("production");
        RunId run = stage.with(fleet).start(Runbook.SWITCHOVER, "alice", Map.of());
        stage.goOn();

        RunHistory.Asked asked = history.asked(run).getFirst();
        assertThat(asked.text()).isEqualTo(stage.question(run));
        assertThat(asked.notBy()).isEqualTo(Set.of("alice"));
        assertThat(asked.reply()).isEqualTo(new Reply.Awaited(Set.of()));
        assertThat(history.trace(run).orElseThrow().parts()).extracting(part -> part.diagram().key())
                .containsExactly("switchover", "approval");

        stage.answer(run, true);

        List<RunHistory.Asked> all = history.asked(run);
        assertThat(all).hasSize(1);
        assertThat(all.getFirst().reply()).isInstanceOfSatisfying(Reply.Given.class, given -> assertThat(given.answer())
                .isEqualTo(new Approvals.Answer(true, RunbookStage.APPROVER, "", given.answer().at())));
    }

    @Test
    void ofARunThatTheEngineDoesNotKnowThereIsNothing() {
        assertThat(history.trace(new RunId("ghost"))).isEmpty();
        assertThat(history.asked(new RunId("ghost"))).isEmpty();
    }
}
