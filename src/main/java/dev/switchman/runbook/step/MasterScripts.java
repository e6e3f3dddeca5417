package dev.switchman.runbook.step;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.hook.Program;
import dev.switchman.hook.ScriptCall;
import dev.switchman.hook.Scripts;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.Runbook;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;

/**
 * The scripts of a run's cluster that are called as MHA calls them: where, with which servers, and what their exit status
 * means. Each call stands in the journal with what it printed.
 */
@Component
final class MasterScripts {

    /** MHA's status for "not all went well, go on". */
    private static final int GO_ON = 10;
    /** A secondary check that reached the primary from somewhere. */
    private static final int REACHED = 3;

    private final Scripts scripts;
    private final Journal journal;
    private final Executor aside;

    @Autowired
    MasterScripts(Scripts scripts, Journal journal) {
        this(scripts, journal, task -> Thread.ofVirtual().name("report script").start(task));
    }

    /** @param aside runs what is not waited for */
    MasterScripts(Scripts scripts, Journal journal, Executor aside) {
        this.scripts = scripts;
        this.journal = journal;
        this.aside = aside;
    }

    /** What a call came to. */
    sealed interface Called {

        /** Status 0, or 10 with a warning in the journal; no script is named: neither. */
        record Fine(String sentence) implements Called {}

        record Failed(String sentence) implements Called {}

        record NotNamed() implements Called {}
    }

    /** Takes the address from a lost primary, or from one that came back. */
    Called takeFrom(Run run, Node old, boolean sshAnswers) {
        return call(run, ScriptCall.failoverStop(run.cluster(), old, sshAnswers));
    }

    /** Has the old primary of a switchover left by its clients; the first thing in the section. */
    Called leave(Run run, Node old, Node candidate) {
        return call(run, ScriptCall.onlineChange(run.cluster(), "stop", old, candidate));
    }

    /** Gives the address to the new primary. */
    Called giveTo(Run run, Node old, Node primary) {
        return call(run, planned(run)
                ? ScriptCall.onlineChange(run.cluster(), "start", old, primary)
                : ScriptCall.failoverStart(run.cluster(), old, primary));
    }

    /** Gives the address back to the old primary of a switchover, if it was taken from there. */
    Called giveBack(Run run, Node old, Node candidate) {
        boolean taken = Notebook.of(journal, run)
                .all(Remark.SCRIPT)
                .anyMatch(text -> text.startsWith("master_ip_online_change_script stop"));
        return taken
                ? call(run, ScriptCall.onlineChange(run.cluster(), "start", candidate, old))
                : new Called.NotNamed();
    }

    private boolean planned(Run run) {
        return journal.run(run.id().value())
                .filter(record -> record.runbook().equals(Runbook.SWITCHOVER.id()))
                .isPresent();
    }

    /** What a secondary check says of a silent primary. */
    sealed interface Seen {

        record Lost(String sentence) implements Seen {}

        record Reached(String sentence) implements Seen {}

        /** It could not tell: by MHA's contract nothing is done then. */
        record Unknown(String sentence) implements Seen {}

        record NotAsked() implements Seen {}
    }

    Seen secondaryCheck(Run run, Node primary) {
        Optional<ScriptCall> call = ScriptCall.secondaryCheck(run.cluster(), primary);
        if (call.isEmpty()) {
            return new Seen.NotAsked();
        }
        Program.End end = run(run, call.get());
        String sentence = call.get().name() + " " + end.sentence();
        if (end instanceof Program.Exited exited && exited.status() == 0) {
            return new Seen.Lost(sentence);
        }
        return end instanceof Program.Exited exited && exited.status() == REACHED
                ? new Seen.Reached(sentence)
                : new Seen.Unknown(sentence);
    }

    /** Tells the report script of a failover's end; nobody waits for it. */
    void report(Run run, Optional<NodeId> opened, List<Node> replicas, String subject, String body) {
        Optional<Node> old = run.oldPrimaryIfKnown().flatMap(run.cluster()::find);
        Optional<Node> primary = opened.flatMap(run.cluster()::find);
        String id = run.id().value();
        old.flatMap(server -> ScriptCall.report(run.cluster(), server, primary, replicas, subject, body))
                .ifPresent(call -> aside.execute(() -> journal.note(id, Remark.SCRIPT,
                        text(call, scripts.run(call, run.cluster().hooks().deadline())))));
    }

    private Called call(Run run, Optional<ScriptCall> named) {
        if (named.isEmpty()) {
            return new Called.NotNamed();
        }
        ScriptCall call = named.get();
        Program.End end = run(run, call);
        String sentence = call.name() + " " + end.sentence();
        if (end instanceof Program.Exited exited && (exited.status() == 0 || exited.status() == GO_ON)) {
            if (exited.status() == GO_ON) {
                run.note(Remark.WARNING, sentence + ": not all went well, by MHA's contract the run goes on.");
            }
            return new Called.Fine(sentence);
        }
        return new Called.Failed(sentence);
    }

    private Program.End run(Run run, ScriptCall call) {
        Program.End end = scripts.run(call, run.cluster().hooks().deadline());
        run.note(Remark.SCRIPT, text(call, end));
        return end;
    }

    private static String text(ScriptCall call, Program.End end) {
        return call.name() + " " + end.sentence() + ": " + call
                + (end.output().isEmpty() ? "" : "\nit said:\n" + end.output());
    }
}
