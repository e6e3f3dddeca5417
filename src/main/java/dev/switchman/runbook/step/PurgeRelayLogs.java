package dev.switchman.runbook.step;

import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.mysql.RelayLogPurge;
import dev.switchman.runbook.Follows;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.Node;

/**
 * Lets one replica delete the relay logs that it has applied, and keep them again afterwards. Safe to repeat: what an attempt that
 * broke off has left at {@code relay_log_purge=1} is put back.
 */
@Component
@Follows(NextReplica.class)
@Raises({RunbookError.SERVER_UNREACHABLE, RunbookError.OUTCOME_UNKNOWN})
final class PurgeRelayLogs extends ChangingStep {

    private final NodeOperator mysql;
    private final Journal journal;

    PurgeRelayLogs(Hold hold, NodeOperator mysql, Journal journal) {
        super(hold);
        this.mysql = mysql;
        this.journal = journal;
    }

    @Override
    Outcome change(Run run) {
        return hold.notOurs(run).orElseGet(() -> purge(run));
    }

    private Outcome purge(Run run) {
        Node node = run.replica();
        boolean begun = Notebook.of(journal, run).brokeOff(PurgeRelayLogs.class);
        return switch (mysql.purgeRelayLogs(node, begun, run.limits().catchUp(), run.limits().statement())) {
            case RelayLogPurge.Purged(long before, long after) -> {
                String sizes = KeptLogs.size(before) + " of relay logs before, " + KeptLogs.size(after) + " after";
                run.note(Remark.PURGED, node + " " + sizes);
                yield new Outcome.Done(node + ": " + sizes);
            }
            case RelayLogPurge.Unneeded(String why) -> {
                run.note(Remark.PURGED, node + " had nothing to purge: " + why);
                yield new Outcome.Done(why);
            }
            case RelayLogPurge.Behind(long before, long after) -> kept(run,
                    node + " is behind: its applier did not come"
                            + " to the end of its relay log within " + run.limits().catchUp().toSeconds() + " s ("
                            + KeptLogs.size(after) + " of relay logs). It is tried again the next time");
            case RelayLogPurge.Stopped(String why) -> kept(run, why);
            case RelayLogPurge.Failed(String why) -> {
                run.note(Remark.WARNING, "The relay logs of " + node + " were not purged: " + why + ".");
                yield new Outcome.Refused(RunbookError.SERVER_UNREACHABLE, node + ": " + why);
            }
            case RelayLogPurge.Unrestored(String why) -> {
                run.note(Remark.TO_DO, "SET GLOBAL relay_log_purge=0 on " + node
                        + ", if it is to keep its relay logs: that could not be read back (" + why + ").");
                yield new Outcome.Unknown("whether " + node + " keeps its relay logs again is not known: " + why);
            }
        };
    }

    private static Outcome kept(Run run, String why) {
        run.note(Remark.WARNING, "Relay logs were kept: " + why + ".");
        return new Outcome.Done("kept: " + why);
    }
}
