package dev.switchman.runbook;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import dev.switchman.audit.Journal;
import dev.switchman.topology.NodeId;

/** What an on-call person reads about a run: subject and plain text, made from the journal alone. */
public record Report(String subject, String body) {

    /**
     * @param oldPrimary server that the run was about
     * @param newPrimary server that it opened
     * @param detail last refusal in words; empty if nothing was refused
     */
    public record Result(Ending ending, Instant endedAt, Optional<NodeId> oldPrimary, Optional<NodeId> newPrimary,
            String detail) {}

    public static Report of(Journal.RunRecord run, Result result, List<Journal.Entry> entries) {
        String took = seconds(Duration.between(run.startedAt(), result.endedAt()));
        String headline = headline(run, result);
        String subject = "[Switchman] " + run.cluster() + ": " + headline + " (" + suffix(result.ending(), took) + ")";
        StringBuilder body = new StringBuilder();
        body.append(headline).append(" (").append(suffix(result.ending(), took)).append(").\n\n");
        line(body, "Cluster", run.cluster().toString());
        line(body, "Runbook", run.runbook() + ", run " + run.run());
        line(body, "Started", run.startedAt() + " by " + run.startedBy());
        line(body, "Ended", result.endedAt() + ", " + result.ending());
        section(body, "Why it ran", remarks(entries, Remark.EVIDENCE, run.cause()));
        if (!succeeded(result.ending()) && !result.detail().isEmpty()) {
            section(body, "Why it ended so", List.of(result.detail()));
        }
        List<String> toDo = remarks(entries, Remark.TO_DO, "");
        section(body, "What you must do now", toDo.isEmpty() ? List.of(nothingNoted(result.ending())) : toDo);
        section(body, "Now in force", last(remarks(entries, Remark.IN_FORCE, "")));
        section(body, "What was to change", last(remarks(entries, Remark.CHANGES, "")));
        section(body, "Write outage", last(remarks(entries, Remark.OUTAGE, "")));
        section(body, "Fence", last(remarks(entries, Remark.FENCE, "")));
        List<String> writes = new ArrayList<>(last(remarks(entries, Remark.LOSS, "")));
        writes.addAll(last(remarks(entries, Remark.SALVAGE, "")));
        writes.addAll(remarks(entries, Remark.WITHHELD, ""));
        section(body, "Writes", writes);
        List<String> errant = new ArrayList<>(last(remarks(entries, Remark.ERRANT, "")));
        errant.addAll(last(remarks(entries, Remark.SAVED, "")));
        section(body, "Errant transactions", errant);
        section(body, "Repair", remarks(entries, Remark.REPAIRED, ""));
        section(body, "Servers", last(remarks(entries, Remark.SERVERS, "")));
        section(body, "Relay logs", remarks(entries, Remark.PURGED, ""));
        section(body, "Decisions", decisions(entries));
        section(body, "Checks", last(remarks(entries, Remark.CHECKS, "")));
        section(body, "Warnings", remarks(entries, Remark.WARNING, ""));
        section(body, "Timeline", timeline(run, entries));
        return new Report(subject, body.toString());
    }

    private static boolean succeeded(Ending ending) {
        return switch (ending) {
            case DONE, REPLICAS_LOST, WRITES_MAY_BE_LOST -> true;
            case PRIMARY_ALIVE, BLOCKED, ROLLED_BACK, STOOD_DOWN, NOT_FENCED, NO_ELIGIBLE_CANDIDATE, REPLICAS_DIVERGED,
                    PROMOTION_DECLINED, KEPT_IN_QUARANTINE, RELAY_LOGS_KEPT, CANCELLED, FAILED ->
                false;
        };
    }

    private static String nothingNoted(Ending ending) {
        return switch (ending) {
            case DONE, PRIMARY_ALIVE, STOOD_DOWN, CANCELLED -> "Nothing.";
            case BLOCKED -> "Nothing was changed. See to the checks that did not pass, and start it again.";
            case ROLLED_BACK -> "Nothing at once: the old primary accepts writes. Find out why before you try again.";
            case REPLICAS_LOST, WRITES_MAY_BE_LOST -> "See below what is lost.";
            case KEPT_IN_QUARANTINE -> "Rebuild it from another server, or leave it: it stays fenced.";
            case RELAY_LOGS_KEPT -> "See the warnings: what keeps relay logs will fill its disk some day.";
            case NOT_FENCED, NO_ELIGIBLE_CANDIDATE, REPLICAS_DIVERGED, PROMOTION_DECLINED, FAILED ->
                "Read why it ended so, and decide: there may be no server that accepts writes.";
        };
    }

    private static String headline(Journal.RunRecord run, Result result) {
        String old = result.oldPrimary().map(NodeId::toString).orElse("the primary");
        if (run.runbook().equals(Runbook.FAILOVER.id())) {
            return succeeded(result.ending())
                    ? old + " failed over to " + result.newPrimary().map(NodeId::toString).orElse("another server")
                    : "failover of " + old;
        }
        if (run.runbook().equals(Runbook.QUARANTINE.id())) {
            return succeeded(result.ending()) ? old + " is back and was fenced" : "fencing of " + old;
        }
        if (run.runbook().equals(Runbook.SWITCHOVER.id())) {
            String to = result.newPrimary().map(node -> " to " + node).orElse("");
            return succeeded(result.ending()) ? old + " handed its writes over" + to : "switchover of " + old + to;
        }
        if (run.runbook().equals(Runbook.REJOIN.id())) {
            return succeeded(result.ending()) ? old + " is a replica again" : "rejoin of " + old;
        }
        if (run.runbook().equals(Runbook.REPAIR_ERRANT.id())) {
            return succeeded(result.ending())
                    ? "errant transactions of " + old + " repaired"
                    : "repair of errant transactions of " + old;
        }
        if (run.runbook().equals(Runbook.PURGE_RELAY_LOGS.id())) {
            return "relay logs purged";
        }
        if (run.runbook().equals(Runbook.DEPLOY.id())) {
            return succeeded(result.ending()) ? "runbooks changed" : "change of runbooks";
        }
        String opened = result.newPrimary().map(NodeId::toString).orElse(old);
        return succeeded(result.ending()) ? opened + " was reopened" : "reopening of " + opened;
    }

    private static String suffix(Ending ending, String took) {
        return switch (ending) {
            case DONE -> "done in " + took;
            case REPLICAS_LOST -> "done in " + took + ", replicas lost";
            case WRITES_MAY_BE_LOST -> "done in " + took + ", writes may be lost";
            case PRIMARY_ALIVE -> "not done: the primary is alive";
            case STOOD_DOWN -> "not done: stood down";
            case BLOCKED -> "not done: a check forbids it";
            case ROLLED_BACK -> "ROLLED BACK after " + took;
            case NOT_FENCED -> "STOPPED after " + took + ": not fenced";
            case NO_ELIGIBLE_CANDIDATE -> "STOPPED after " + took + ": no replica may become the primary";
            case REPLICAS_DIVERGED -> "STOPPED after " + took + ": the replicas have diverged";
            case PROMOTION_DECLINED -> "STOPPED after " + took + ": promotion declined";
            case KEPT_IN_QUARANTINE -> "not done: it stays in quarantine";
            case RELAY_LOGS_KEPT -> "not everywhere, in " + took;
            case CANCELLED -> "cancelled after " + took;
            case FAILED -> "FAILED after " + took;
        };
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.2f s", time.toMillis() / 1000.0);
    }

    private static void line(StringBuilder body, String name, String text) {
        body.append(String.format(Locale.ROOT, "%-9s%s%n", name, text).replace("\r", ""));
    }

    private static void section(StringBuilder body, String title, List<String> texts) {
        if (texts.isEmpty()) {
            return;
        }
        body.append('\n').append(title).append('\n');
        for (String text : texts) {
            text.lines().forEach(line -> body.append("  ").append(line).append('\n'));
        }
    }

    private static List<String> last(List<String> texts) {
        return texts.isEmpty() ? texts : List.of(texts.getLast());
    }

    private static List<String> remarks(List<Journal.Entry> entries, String label, String otherwise) {
        LinkedHashSet<String> texts = new LinkedHashSet<>();
        for (Journal.Entry entry : entries) {
            if (entry instanceof Journal.Entry.Noted note && note.label().equals(label)) {
                texts.add(note.text());
            }
        }
        return texts.isEmpty() && !otherwise.isEmpty() ? List.of(otherwise) : List.copyOf(texts);
    }

    private static List<String> decisions(List<Journal.Entry> entries) {
        return entries.stream()
                .filter(Journal.Entry.Noted.class::isInstance)
                .map(Journal.Entry.Noted.class::cast)
                .filter(note -> note.label().equals(Remark.POLICY) || note.label().equals(Remark.ANSWER)
                        || note.label().equals(Remark.BALLOT) || note.label().equals(Remark.CHOSEN))
                .map(note -> (note.label().equals(Remark.CHOSEN) ? "chosen: " : "")
                        + note.text().lines().findFirst().orElse(""))
                .toList();
    }

    private static List<String> timeline(Journal.RunRecord run, List<Journal.Entry> entries) {
        Map<String, Instant> began = new HashMap<>();
        List<String> lines = new java.util.ArrayList<>();
        for (Journal.Entry entry : entries) {
            switch (entry) {
                case Journal.Entry.StepBegan step -> began.put(step.step(), step.at());
                case Journal.Entry.StepEnded step -> {
                    Instant from = began.getOrDefault(step.step(), step.at().minus(step.took()));
                    lines.add(String.format(Locale.ROOT, "+%.3f s  %s: %s in %d ms. %s",
                            Duration.between(run.startedAt(), from).toMillis() / 1000.0, step.step(),
                            step.outcome().toLowerCase(Locale.ROOT), step.took().toMillis(), step.detail()));
                }
                case Journal.Entry.Acted acted -> {
                }
                case Journal.Entry.Noted noted -> {
                }
            }
        }
        return lines;
    }
}
