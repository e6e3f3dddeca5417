package dev.switchman.runbook.step;

import org.junit.jupiter.api.Test;

import dev.switchman.fleet.FakeFleet;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Run;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ReplicaState;
import dev.switchman.topology.SemiSync;
import dev.switchman.topology.ServerState;
import dev.switchman.topology.WriteMode;

import static org.assertj.core.api.Assertions.assertThat;

class FailoverTest {

    private final FakeFleet fleet = FakeFleet.of("db1", "db2", "db3");

    @Test
    void aCrashedPrimaryIsReplacedAndEverybodyFollows() {
        fleet.crash("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        Ending ending = rehearsal.failover();

        assertThat(ending).isEqualTo(Ending.DONE);
        assertThat(rehearsal.walked).isEqualTo(Rehearsal.PATH.stream().map(Class::getSimpleName).toList());
        assertThat(fleet.memory().knownPrimary(fleet.cluster().name())).contains(NodeId.of("db2", 3306));
        assertThat(fleet.fenceProven("db1")).contains(true);
        assertThat(fleet.masked("db1")).isTrue();
        assertThat(fleet.holders()).containsExactly("db2");
        assertThat(fleet.announcements()).containsExactly("db2", "db2");
        assertThat(fleet.enabledEvents("db2")).containsExactly("shop.nightly");
        ServerState db2 = fleet.state("db2");
        assertThat(db2.writeMode()).isEqualTo(WriteMode.WRITABLE);
        assertThat(db2.replication()).isEmpty();
        assertThat(db2.semiSync().source()).isInstanceOfSatisfying(SemiSync.SourceSide.Present.class, source -> {
            assertThat(source.enabled()).isTrue();
            assertThat(source.clients()).isEqualTo(1);
        });
        assertThat(fleet.state("db3").replication().map(ReplicaState::source)).contains(NodeId.of("db2", 3306));
        assertThat(fleet.writeThroughAddress()).isInstanceOf(FakeFleet.Written.Acknowledged.class);
        assertThat(rehearsal.run.loss()).isEqualTo(Run.Loss.NONE);
    }

    @Test
    void aSilentHostIsStarvedAndAcknowledgesNothingWhenItThaws() {
        fleet.freeze("db1");
        Rehearsal rehearsal = new Rehearsal(fleet);

        Ending ending = rehearsal.failover();

        assertThat(ending).isEqualTo(Ending.DONE);
        assertThat(rehearsal.run.fence()).isEqualTo(Run.Fence.STARVED);
        fleet.thaw("db1");
        assertThat(fleet.write("db1")).isInstanceOf(FakeFleet.Written.Waiting.class);
        assertThat(fleet.fenceProven("db1")).contains(false);
    }
}
