package dev.switchman.verdict;

import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;

import dev.switchman.topology.NodeId;

import static org.assertj.core.api.Assertions.assertThat;

class VerdictTest {

    private static final NodeId DB1 = NodeId.of("db1", 3306);
    private static final NodeId DB2 = NodeId.of("db2", 3306);
    private static final NodeId DB3 = NodeId.of("db3", 3306);

    @Test
    void sentencesNameOneServerOrSeveralAsAPersonWould() {
        assertThat(new Verdict.TwoWritable(DB1, Set.of(DB2)).sentence())
                .isEqualTo("db2:3306 accepts writes beside the primary db1:3306. It is fenced.");
        assertThat(new Verdict.TwoWritable(DB1, Set.of(DB3, DB2)).sentence())
                .isEqualTo("db2:3306, db3:3306 accept writes beside the primary db1:3306. They are fenced.");
        assertThat(new Verdict.VirtualIpMisplaced(DB1, Set.of(DB2)).sentence())
                .isEqualTo("The virtual IP is on db2:3306 and belongs on the primary db1:3306.");
        assertThat(new Verdict.VirtualIpMisplaced(DB1, Set.of()).sentence())
                .isEqualTo("The virtual IP is on no host and belongs on the primary db1:3306.");
        assertThat(new Verdict.ReplicationBroken(DB1, Map.of(DB3, "its applier is stopped", DB2, "error 1236"))
                .sentence()).isEqualTo(
                        "Replication from db1:3306 is broken: db2:3306 (error 1236), db3:3306 (its applier is stopped).");
        assertThat(new Verdict.ReplicasLost(DB1, Set.of(DB3)).sentence())
                .isEqualTo("Replica db3:3306 does not answer. db1:3306 is the primary and answers.");
        assertThat(new Verdict.ReplicasLost(DB1, Set.of(DB3, DB2)).sentence())
                .isEqualTo("Replicas db2:3306, db3:3306 do not answer. db1:3306 is the primary and answers.");
    }
}
