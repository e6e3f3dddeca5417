package dev.switchman.runbook.step;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ServerState;

/**
 * Whether a server's data can be trusted to be what its {@code gtid_executed} says. After a crash of its host InnoDB may hold
 * transactions that the binary log has lost, unless sync_binlog and innodb_flush_log_at_trx_commit were both 1. The failover
 * that replaced a primary notes its last healthy moment, and a rebuild the moment of its copy; a later run reads the last one
 * back.
 */
@Component
final class PastLife {

    private static final int RUNS = 200;
    /** A server tells its uptime in whole seconds. */
    private static final Duration UPTIME = Duration.ofSeconds(1);

    private final Journal journal;
    private final RemoteShell shell;

    PastLife(Journal journal, RemoteShell shell) {
        this.journal = journal;
        this.shell = shell;
    }

    /** What is remembered of a server's last healthy moment: as the primary, or as a fresh copy. */
    private record Moment(boolean durable, Instant at) {}

    /** Puts what is remembered of the primary that this run fences into the journal: the memory keeps one primary only. */
    static void note(Run run, ClusterMemory memory) {
        NodeId old = run.oldPrimary().id();
        memory.lastHealthy(run.cluster().name())
                .filter(moment -> moment.primary().equals(old))
                .ifPresent(moment -> run.note(Remark.LAST_HEALTHY,
                        old + " " + (moment.durable() ? "durable" : "volatile") + " " + moment.at()));
    }

    /** Puts down that all of the server's data is new: what it was before matters no more, only what becomes of it from now on. */
    static void copied(Run run, Node node, Instant now) {
        run.note(Remark.LAST_HEALTHY, node.id() + " durable " + now);
    }

    /** @param at when the server was seen @return why its data may hold what its {@code gtid_executed} does not; empty when it cannot */
    Optional<String> doubt(Run run, Node node, Instant at, ServerState server) {
        Optional<Moment> before = lastHealthy(run, node.id());
        boolean durable = before.map(Moment::durable).orElse(true) && server.syncBinlog() == 1
                && server.flushLogAtCommit() == 1;
        if (durable) {
            return Optional.empty();
        }
        String settings = "sync_binlog and innodb_flush_log_at_trx_commit were not both 1 while " + node + " lived";
        if (before.isEmpty()) {
            return Optional.of(settings + ", and when it was last well is not known");
        }
        Instant well = before.get().at();
        if (at.minus(server.uptime()).minus(UPTIME).isBefore(well)) {
            return Optional.empty();
        }
        return switch (bootedAt(run, node, at)) {
            case Boot.At(Instant booted) when booted.isBefore(well) -> Optional.empty();
            case Boot.At(Instant booted) -> Optional.of(settings + ", and its host booted at " + booted
                    + ", after its last healthy moment at " + well);
            case Boot.Unknown(String why) -> Optional.of(settings + ", and whether its host went down is not known: "
                    + why);
        };
    }

    private Optional<Moment> lastHealthy(Run run, NodeId node) {
        return journal.runs(Optional.of(run.cluster().name()), RUNS)
                .stream()
                // Newest first, as the runs are.
                .flatMap(record -> journal.entries(record.run()).reversed().stream())
                .filter(entry -> entry instanceof Journal.Entry.Noted note && note.label().equals(Remark.LAST_HEALTHY)
                        && note.text().startsWith(node + " "))
                .map(entry -> moment(((Journal.Entry.Noted) entry).text()))
                .findFirst();
    }

    private static Moment moment(String text) {
        String[] words = text.split(" ");
        return new Moment(words[1].equals("durable"), Instant.parse(words[2]));
    }

    private sealed interface Boot {

        record At(Instant moment) implements Boot {}

        record Unknown(String why) implements Boot {}
    }

    private Boot bootedAt(Run run, Node node, Instant now) {
        return switch (shell.run(node, List.of("cat", "/proc/uptime"), run.limits().statement())) {
            case RemoteShell.Ran.Ended(int status, String output) when status == 0
                    && output.matches("\\d+(\\.\\d+)? [\\s\\S]*") ->
                new Boot.At(now.minus(Duration.ofMillis(
                        (long) (Double.parseDouble(output.substring(0, output.indexOf(' '))) * 1000))));
            case RemoteShell.Ran.Ended(int status, String output) -> new Boot.Unknown(
                    "its host told no uptime (status " + status + ")");
            case RemoteShell.Ran.Unreachable(String why) -> new Boot.Unknown(why);
            case RemoteShell.Ran.Unknown(String why) -> new Boot.Unknown(why);
        };
    }
}
