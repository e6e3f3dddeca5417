package dev.switchman.web;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

import dev.switchman.audit.Journal;
import dev.switchman.runbook.RunHistory;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbooks;
import dev.switchman.topology.Cluster;

/** For each page with a live part, the events that tell it to ask for that part again. Who may see the page may follow it. */
@Controller
class EventPages {

    private final Streams streams;
    private final Board board;
    private final Journal journal;
    private final Runbooks runbooks;
    private final RunHistory history;
    private final DecisionPages decisions;

    EventPages(Streams streams, Board board, Journal journal, Runbooks runbooks, RunHistory history,
            DecisionPages decisions) {
        this.streams = streams;
        this.board = board;
        this.journal = journal;
        this.runbooks = runbooks;
        this.history = history;
        this.decisions = decisions;
    }

    @GetMapping(path = "/events/clusters", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter clusters(Authentication who, HttpServletRequest request, HttpServletResponse response) {
        return follow(() -> {
            List<ClusterCard> cards = board.cards();
            return new Streams.Shown(cards.stream().map(ClusterCard::unseen).toList(), seen(cards));
        }, who, request, response);
    }

    @GetMapping(path = "/events/clusters/{name}", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter cluster(@PathVariable String name, Authentication who, HttpServletRequest request,
            HttpServletResponse response) {
        Cluster cluster = board.configured(name);
        return follow(() -> {
            ClusterCard card = board.card(cluster);
            return new Streams.Shown(List.of(card.unseen(), board.picture(cluster), board.progress(cluster),
                    journal.runs(Optional.of(cluster.name()), ClusterPages.RECENT)), seen(List.of(card)));
        }, who, request, response);
    }

    /** What a run has done stands in its journal; where it stands, and who has answered so far, in the engine. */
    @GetMapping(path = "/events/runs/{id}", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter run(@PathVariable String id, Authentication who, HttpServletRequest request,
            HttpServletResponse response) {
        RunId run = new RunId(id);
        if (journal.run(id).isEmpty()) {
            throw NoSuchPage.unknown("There is no run \"" + id + "\".");
        }
        return follow(
                () -> new Streams.Shown(List.of(journal.run(id), journal.entries(id).size(), runbooks.show(run),
                        history.asked(run), board.progress(run)), Map.of()),
                who, request, response);
    }

    @GetMapping(path = "/events/decisions", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter decisions(Authentication who, HttpServletRequest request, HttpServletResponse response) {
        return follow(() -> new Streams.Shown(decisions.open(), Map.of()), who, request, response);
    }

    private static Map<String, String> seen(List<ClusterCard> cards) {
        return cards.stream()
                .filter(card -> card.seen() != null)
                .collect(Collectors.toMap(ClusterCard::name, card -> String.valueOf(card.seen())));
    }

    private SseEmitter follow(Supplier<Streams.Shown> look, Authentication who, HttpServletRequest request,
            HttpServletResponse response) {
        // nginx keeps back what it has not been told to let through.
        response.setHeader("X-Accel-Buffering", "no");
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store, no-transform");
        return streams.open(request.getRequestURI(), look, who, request.getSession());
    }
}
