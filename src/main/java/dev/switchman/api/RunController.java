package dev.switchman.api;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.Authentication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

import dev.switchman.audit.Journal;
import dev.switchman.audit.Journal.RunRecord;
import dev.switchman.runbook.Approvals;
import dev.switchman.runbook.Deployments;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbooks;
import dev.switchman.runbook.Runbooks.RunView;
import dev.switchman.topology.ClusterName;

@RestController
@RequestMapping("/api/runs")
class RunController {

    private static final int MOST = 1000;
    private static final int LONGEST_REASON = 200;

    private final Journal journal;
    private final Runbooks runbooks;
    private final Approvals approvals;
    private final ClusterViews clusters;

    RunController(Journal journal, Runbooks runbooks, Approvals approvals, ClusterViews clusters) {
        this.journal = journal;
        this.runbooks = runbooks;
        this.approvals = approvals;
        this.clusters = clusters;
    }

    /** Newest first. */
    @GetMapping
    List<Views.RunSummary> all(@RequestParam Optional<String> cluster, @RequestParam(defaultValue = "50") int limit) {
        if (limit < 1 || limit > MOST) {
            throw Refusal.bad("limit: must be from 1 to " + MOST + ": \"" + limit + "\"");
        }
        Optional<ClusterName> name = cluster.map(text -> text.equals(Deployments.PLACE.value())
                ? Deployments.PLACE
                : clusters.configured(text).name());
        Map<String, RunView> open = new HashMap<>();
        runbooks.open().forEach(view -> open.put(view.run().value(), view));
        return journal.runs(name, limit)
                .stream()
                .map(run -> new Views.RunSummary(run.run(), run.cluster().value(), run.runbook(), run.startedBy(),
                        run.cause(), run.startedAt(), run.endedAt().orElse(null), run.ending().orElse(null),
                        status(run, Optional.ofNullable(open.get(run.run())))))
                .toList();
    }

    @GetMapping("/{id}")
    Views.RunDetail one(@PathVariable String id) {
        RunRecord run = recorded(id);
        Optional<RunView> view = runbooks.show(new RunId(id));
        Views.RunStatus status = status(run, view);
        return new Views.RunDetail(run.run(), run.cluster().value(), run.runbook(), run.startedBy(), run.cause(),
                run.startedAt(), run.endedAt().orElse(null), run.ending().orElse(null), status,
                status == Views.RunStatus.ENDED ? List.of() : view.map(RunView::at).orElse(List.of()), question(id),
                run.report().orElse(null), exitCode(run),
                journal.entries(id).stream().map(RunController::entry).toList(), clusters.progress(new RunId(id)));
    }

    /** Answers the question that the run waits with. */
    @PostMapping("/{id}/answer")
    Views.Started answer(@PathVariable String id, @RequestBody Views.AnswerRequest body,
            Authentication user) {
        recorded(id);
        Boolean approve = body.approve();
        if (approve == null) {
            throw Refusal.bad("approve: missing; true or false");
        }
        if (user.getName().equals(BearerFilter.LOCAL)) {
            throw Refusal
                    .forbidden("the token of this machine is nobody, and an answer is somebody's: log in with a name"
                            + " and password, or a token, of your own");
        }
        @Nullable
        Instant askedAt = body.askedAt();
        if (askedAt != null && waiting(id).filter(question -> question.askedAt().equals(askedAt)).isEmpty()) {
            throw Refusal.conflict("run " + id + " does not ask that any more: look at it again", id);
        }
        @Nullable
        String comment = body.comment();
        return switch (approvals.answer(new RunId(id), PeopleLogin.person(user), approve,
                comment == null ? "" : comment)) {
            case Approvals.Answered.Taken() -> new Views.Started(id);
            case Approvals.Answered.NothingAsked() -> throw Refusal.conflict("run " + id + " asks nothing now", id);
            case Approvals.Answered.NotAllowed(String why) -> throw Refusal.forbidden(why);
        };
    }

    /**
     * Asks the run to stop before its next step, or in the middle of a catch-up, by the path that its diagram draws for that. One that
     * has opened its candidate goes on: only its end leaves the cluster whole.
     */
    @PostMapping("/{id}/cancel")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Views.Started cancel(@PathVariable String id, @RequestBody CancelRequest body, Authentication user) {
        recorded(id);
        @Nullable
        String reason = body.reason();
        if (reason == null || reason.isBlank()) {
            throw Refusal.bad("reason: missing; say why, for the journal");
        }
        if (reason.length() > LONGEST_REASON) {
            throw Refusal.bad("reason: " + reason.length() + " characters, at most " + LONGEST_REASON);
        }
        if (!runbooks.cancel(new RunId(id), user.getName(), reason.strip())) {
            throw Refusal.conflict("run " + id + " has ended, or is about to", id);
        }
        return new Views.Started(id);
    }

    /** @param reason for the journal */
    record CancelRequest(@Nullable String reason) {}

    private RunRecord recorded(String id) {
        return journal.run(id).orElseThrow(() -> Refusal.unknown("there is no run \"" + id + "\""));
    }

    private @Nullable String question(String id) {
        return waiting(id).map(Approvals.Question::text).orElse(null);
    }

    private Optional<Approvals.Question> waiting(String id) {
        return approvals.waiting().stream().filter(question -> question.run().value().equals(id)).findFirst();
    }

    private static Views.RunStatus status(RunRecord run, Optional<RunView> open) {
        if (run.endedAt().isPresent()) {
            return Views.RunStatus.ENDED;
        }
        return open.map(RunView::waiting).orElse(false) ? Views.RunStatus.WAITING : Views.RunStatus.RUNNING;
    }

    private static @Nullable Integer exitCode(RunRecord run) {
        return run.ending()
                .flatMap(
                        name -> Arrays.stream(Ending.values()).filter(ending -> ending.name().equals(name)).findFirst())
                .map(Ending::exitCode)
                .orElse(null);
    }

    private static Views.TimelineEntry entry(Journal.Entry entry) {
        return switch (entry) {
            case Journal.Entry.StepBegan(var at, String step, String sentence) ->
                new Views.TimelineEntry(at, "step", step, sentence, null, null, null, null);
            case Journal.Entry.StepEnded(var at, String step, String outcome, String detail, Duration took) ->
                new Views.TimelineEntry(at, "step", step, "", outcome, detail, took.toMillis(), null);
            case Journal.Entry.Acted(var at, String step, var action) ->
                new Views.TimelineEntry(at, "action", step, action.text(), null, action.answer(),
                        action.took().toMillis(), action.node().toString());
            case Journal.Entry.Noted(var at, String step, String label, String text) ->
                new Views.TimelineEntry(at, "note", step, label, null, text, null, null);
        };
    }
}
