package dev.switchman.engine;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import dev.switchman.audit.Journal;
import dev.switchman.fleet.FakeFleet;
import dev.switchman.fleet.FakeFleet.Written;
import dev.switchman.hook.ScriptCall;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Scripts of MHA's kind in the boxes of failover and switchover, on the real engine. */
class ScriptsEndingsTest {

    private final RunbookStage stage = RunbookStage.shared();
    private final FakeFleet fleet = FakeFleet.of("db1", "db2", "db3");

    @BeforeEach
    void scripts() {
        fleet.withScripts();
        fleet.tier("standard");
        fleet.withScripts();
    }

    private RunId run(Runbook runbook) {
        RunId run = stage.with(fleet).start(runbook, runbook == Runbook.FAILOVER ? "monitor" : "alice", Map.of());
        stage.goOn();
        return run;
    }

    private Ending ending(RunId run) {
        Journal.RunRecord record = stage.journal().run(run.value()).orElseThrow();
        assertThat(record.ending()).as(stage.passed(run) + " " + stage.journal().entries(run.value())).isPresent();
        return Ending.valueOf(record.ending().get());
    }

    private List<String> called() {
        return fleet.scriptCalls()
                .stream()
                .map(ScriptCall::name)
                .filter(name -> !name.startsWith("report"))
                .toList();
    }

    private String journal(RunId run) {
        return stage.journal().entries(run.value()).toString();
    }

    @Test
    void a_failover_has_the_address_taken_away_before_and_given_after_the_opening() {
        fleet.crash("db1");

        RunId run = run(Runbook.FAILOVER);

        assertThat(ending(run)).isEqualTo(Ending.DONE);
        assertThat(called()).containsExactly("master_ip_failover_script stopssh", "master_ip_failover_script start");
        assertThat(fleet.holders()).containsExactly("db2");
        assertThat(fleet.write("db2")).isInstanceOf(Written.Acknowledged.class);
        assertThat(journal(run)).contains("master_ip_failover_script start ended with status 0",
                "--new_master_password=******").doesNotContain("--new_master_password=secret");
        await().untilAsserted(() -> assertThat(fleet.scriptCalls()).extracting(ScriptCall::name)
                .contains("report_script"));
        assertThat(fleet.scriptCalls()
                .stream()
                .filter(call -> call.name().equals("report_script"))
                .findFirst()
                .orElseThrow()
                .arguments()).extracting(ScriptCall.Argument::toString)
                .contains("--orig_master_host=db1", "--new_master_host=db2", "--new_slave_hosts=db3",
                        "--conf=/etc/mha/shop.cnf");
    }

    @Test
    void a_silent_primary_is_failed_over_only_if_the_secondary_check_has_lost_it_too() {
        fleet.silence("db1");
        fleet.scriptEnds("secondary_check_script", 3);

        RunId run = run(Runbook.FAILOVER);

        assertThat(ending(run)).isEqualTo(Ending.PRIMARY_ALIVE);
        assertThat(called()).containsExactly("secondary_check_script");
        assertThat(journal(run)).contains("others reach the primary: secondary_check_script ended with status 3");
    }

    @Test
    void a_silent_primary_that_the_secondary_check_has_lost_is_told_stop() {
        fleet.silence("db1");

        RunId run = run(Runbook.FAILOVER);

        assertThat(ending(run)).isEqualTo(Ending.DONE);
        assertThat(called()).containsExactly("secondary_check_script", "master_ip_failover_script stop",
                "master_ip_failover_script start");
    }

    @Test
    void a_failover_script_that_cannot_take_the_address_away_leaves_the_next_step_to_a_person() {
        fleet.crash("db1");
        fleet.scriptEnds("master_ip_failover_script stopssh", 1);

        RunId run = run(Runbook.FAILOVER);

        assertThat(stage.journal().run(run.value()).orElseThrow().ending()).isEmpty();
        assertThat(called()).containsOnly("master_ip_failover_script stopssh");
        stage.answer(run, false);
        assertThat(ending(run)).isEqualTo(Ending.NOT_FENCED);
    }

    @Test
    void status_10_is_a_warning() {
        fleet.crash("db1");
        fleet.scriptEnds("master_ip_failover_script start", 10);

        RunId run = run(Runbook.FAILOVER);

        assertThat(ending(run)).isEqualTo(Ending.DONE);
        assertThat(journal(run))
                .contains("master_ip_failover_script start ended with status 10 after 20 ms: not all went"
                        + " well");
    }

    @Test
    void a_switchover_has_clients_leave_first_and_sent_to_the_new_primary_once_it_is_open() {
        RunId run = run(Runbook.SWITCHOVER);

        assertThat(ending(run)).isEqualTo(Ending.DONE);
        assertThat(called()).containsExactly("master_ip_online_change_script stop",
                "master_ip_online_change_script start");
        assertThat(fleet.holders()).hasSize(1).doesNotContain("db1");
    }

    @Test
    void a_switchover_whose_script_fails_goes_back_and_the_address_too() {
        fleet.scriptEnds("master_ip_online_change_script stop", 1);

        RunId run = run(Runbook.SWITCHOVER);

        assertThat(ending(run)).isEqualTo(Ending.ROLLED_BACK);
        assertThat(called()).startsWith("master_ip_online_change_script stop")
                .endsWith("master_ip_online_change_script start");
        assertThat(fleet.scriptCalls().getLast().arguments()).extracting(ScriptCall.Argument::toString)
                .contains("--new_master_host=db1");
        assertThat(fleet.holders()).containsExactly("db1");
        assertThat(fleet.write("db1")).isInstanceOf(Written.Acknowledged.class);
    }
}
