package dev.switchman.app;

import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;
import dev.switchman.lab.Writer;

import static org.assertj.core.api.Assertions.assertThat;

/** Every fault that must be acted on, five times, each time on three new servers with a new manager. */
@Tag("matrix")
class EachFaultIT {

    private static final Duration SOON = Eventually.PATIENCE;

    private enum Fault {
        CRASH(LabCluster::crash, LabCluster::restartMysqld), SILENT(LabCluster::silence, LabCluster::unsilence), FROZEN(
                LabCluster::freeze, LabCluster::thaw), SUSPENDED(LabCluster::suspendMysqld, LabCluster::resumeMysqld),
        /** The virtual IP goes with it: no packet passes from or to anybody. */
        CUT_OFF_FROM_EVERYBODY(LabCluster::isolate, (lab, node) -> lab.heal()), DISK_FULL(LabCluster::fillDisk,
                (lab, node) -> {
                    lab.freeDisk(node);
                    lab.restartMysqld(node);
                }),
        /** The supervisor comes too late: the failover is over by then. */
        SUPERVISED((lab, node) -> {
            lab.superviseOnce(node, Duration.ofSeconds(10));
            lab.crash(node);
        }, LabCluster::awaitUp);

        private final BiConsumer<LabCluster, LabNode> strike;
        private final BiConsumer<LabCluster, LabNode> end;

        Fault(BiConsumer<LabCluster, LabNode> strike, BiConsumer<LabCluster, LabNode> end) {
            this.strike = strike;
            this.end = end;
        }
    }

    static Stream<Fault> severalTimes() {
        return IntStream.range(0, 5).boxed().flatMap(round -> Stream.of(Fault.values()));
    }

    @ParameterizedTest
    @MethodSource("severalTimes")
    void costsNoAcknowledgedWriteAndLeavesOnePrimary(Fault fault) {
        try (Scene scene = Scene.open(LabCluster.builder().smallLogs())) {
            LabCluster lab = scene.lab();
            LabNode old = scene.primary();
            scene.settle();
            try (Writer writer = Writer.start(lab)) {
                writer.awaitProgress(SOON);

                fault.strike.accept(lab, old);

                JsonNode run = scene.awaitRun("failover");
                assertThat(run.path("ending").asText()).as(run.toPrettyString()).isEqualTo("DONE");
                writer.awaitProgress(SOON);
                System.out.println(fault + ": longest gap " + writer.longestGap().toMillis() + " ms");
                LabNode chosen = scene.primary();
                assertThat(chosen).isNotEqualTo(old);

                fault.end.accept(lab, old);
                Eventually.until("fenced: " + old, SOON, () -> scene.notFenced(old));
                scene.settle();
                writer.awaitProgress(SOON);
                scene.assertServedBy(chosen, List.of(old));
                writer.close();
                assertThat(writer.missingOn(chosen)).isEmpty();
            }
        }
    }
}
