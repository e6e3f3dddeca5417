package dev.switchman.web;

import java.util.List;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;

import dev.switchman.audit.Journal;
import dev.switchman.runbook.Approvals;

/** What waits for a person. */
@Controller
class DecisionPages {

    private final Approvals approvals;
    private final Journal journal;
    private final Stories stories;

    DecisionPages(Approvals approvals, Journal journal, Stories stories) {
        this.approvals = approvals;
        this.journal = journal;
        this.stories = stories;
    }

    /** @param facts what is known so far */
    record Waiting(RunLine run, RunStory.Question question, List<RunStory.Note> facts) {

        Waiting {
            facts = List.copyOf(facts);
        }
    }

    @GetMapping("/decisions")
    String waiting(Model model) {
        model.addAttribute("decisions", open());
        return "decisions";
    }

    @GetMapping("/decisions/live")
    String live(Model model) {
        model.addAttribute("decisions", open());
        return "decisions :: live";
    }

    /** @return one for each run that asks, equal as long as nothing has changed */
    List<Waiting> open() {
        return approvals.waiting()
                .stream()
                .map(Approvals.Question::run)
                .distinct()
                .flatMap(run -> journal.run(run.value()).stream())
                .flatMap(run -> stories.pending(run)
                        .map(pending -> new Waiting(RunLine.of(run), pending.question(), pending.facts()))
                        .stream())
                .toList();
    }
}
