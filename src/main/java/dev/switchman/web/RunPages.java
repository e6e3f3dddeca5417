package dev.switchman.web;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.util.UriComponentsBuilder;

import dev.switchman.audit.Journal;
import dev.switchman.audit.Journal.RunRecord;
import dev.switchman.audit.Journal.Wanted;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.RunHistory;
import dev.switchman.runbook.RunId;
import dev.switchman.runbook.Runbook;

/** Runs, one of them with all that is known of it, and its export. */
@Controller
class RunPages {

    private static final int PAGE = 50;
    private static final String OPEN = "open";

    private final Board board;
    private final Journal journal;
    private final RunHistory history;
    private final Stories stories;
    private final Sheet sheet;
    private final ObjectMapper json;
    private final Clock clock;

    RunPages(Board board, Journal journal, RunHistory history, Stories stories, Sheet sheet, ObjectMapper json,
            Clock clock) {
        this.board = board;
        this.journal = journal;
        this.history = history;
        this.stories = stories;
        this.sheet = sheet;
        this.json = json.copy().enable(SerializationFeature.INDENT_OUTPUT);
        this.clock = clock;
    }

    /** What a visitor looks for, as he wrote it; empty texts do not matter. */
    record Filter(String cluster, String kind, String person, String outcome, String from, String to) {

        public boolean any() {
            return !(cluster + kind + person + outcome + from + to).isEmpty();
        }
    }

    /** An outcome as the form offers it. */
    record Choice(String value, String words) {}

    @GetMapping("/runs")
    String all(@RequestParam(defaultValue = "") String cluster, @RequestParam(defaultValue = "") String kind,
            @RequestParam(defaultValue = "") String person, @RequestParam(defaultValue = "") String outcome,
            @RequestParam(defaultValue = "") String from, @RequestParam(defaultValue = "") String to,
            @RequestParam(defaultValue = "") String before, Model model) {
        Filter filter = new Filter(cluster.strip(), kind.strip(), person.strip(), outcome.strip(), from.strip(),
                to.strip());
        List<RunRecord> runs = journal.runs(wanted(filter, before.strip()), PAGE + 1);
        List<RunRecord> shown = runs.subList(0, Math.min(PAGE, runs.size()));
        model.addAttribute("runs", shown.stream().map(RunLine::of).toList());
        model.addAttribute("filter", filter);
        model.addAttribute("older", runs.size() > PAGE ? older(filter, shown.getLast().startedAt()) : null);
        model.addAttribute("clusters", board.names());
        model.addAttribute("kinds", Arrays.stream(Runbook.values()).map(Runbook::id).toList());
        List<Choice> outcomes = new ArrayList<>(List.of(new Choice(OPEN, "open")));
        Arrays.stream(Ending.values())
                .forEach(ending -> outcomes.add(new Choice(ending.name(), RunLine.words(ending.name()))));
        model.addAttribute("outcomes", outcomes);
        return "runs";
    }

    private Wanted wanted(Filter filter, String before) {
        Optional<Instant> day = date("to", filter.to())
                .map(to -> to.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant());
        Optional<Instant> page = given(before).map(text -> instant("before", text));
        Optional<String> ending = given(filter.outcome()).filter(outcome -> !outcome.equals(OPEN));
        ending.ifPresent(outcome -> {
            if (Arrays.stream(Ending.values()).noneMatch(known -> known.name().equals(outcome))) {
                throw NoSuchPage.bad("outcome: there is no such outcome: \"" + outcome + "\"");
            }
        });
        given(filter.kind()).filter(kind -> Runbook.byId(kind).isEmpty()).ifPresent(kind -> {
            throw NoSuchPage.bad("kind: there is no such runbook: \"" + kind + "\"");
        });
        return new Wanted(given(filter.cluster()).map(name -> board.configured(name).name()), given(filter.kind()),
                given(filter.person()), ending, filter.outcome().equals(OPEN),
                date("from", filter.from()).map(from -> from.atStartOfDay(ZoneOffset.UTC).toInstant()),
                page.isPresent() && (day.isEmpty() || page.get().isBefore(day.get())) ? page : day);
    }

    private static Optional<String> given(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static Optional<LocalDate> date(String key, String text) {
        try {
            return given(text).map(LocalDate::parse);
        } catch (DateTimeException e) {
            throw NoSuchPage.bad(key + ": not a date such as 2026-11-23: \"" + text + "\"");
        }
    }

    private static Instant instant(String key, String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw NoSuchPage.bad(key + ": not a time such as 2026-11-23T10:00:00Z: \"" + text + "\"");
        }
    }

    private static String older(Filter filter, Instant before) {
        UriComponentsBuilder link = UriComponentsBuilder.fromPath("/runs");
        List.of(new Choice("cluster", filter.cluster()), new Choice("kind", filter.kind()),
                new Choice("person", filter.person()), new Choice("outcome", filter.outcome()),
                new Choice("from", filter.from()), new Choice("to", filter.to()),
                new Choice("before", before.toString()))
                .stream()
                .filter(choice -> !choice.words().isEmpty())
                .forEach(choice -> link.queryParam(choice.value(), "{" + choice.value() + "}"));
        return link.encode()
                .buildAndExpand(java.util.Map.of("cluster", filter.cluster(), "kind", filter.kind(), "person",
                        filter.person(), "outcome", filter.outcome(), "from", filter.from(), "to", filter.to(),
                        "before", before.toString()))
                .toUriString();
    }

    @GetMapping("/runs/{id}")
    String one(@PathVariable String id, Model model) {
        show(id, model);
        return "run";
    }

    @GetMapping("/runs/{id}/live")
    String live(@PathVariable String id, Model model) {
        model.addAttribute("partial", true);
        show(id, model);
        return "run :: live";
    }

    private void show(String id, Model model) {
        Stories.Told told = stories.of(id);
        model.addAttribute("story", told.story());
        model.addAttribute("sheet", sheet.of(told));
        model.addAttribute("progress", board.progress(new RunId(id)));
    }

    /** The diagram's XML, as it was when the run began. */
    @GetMapping("/runs/{id}/diagrams/{instance}")
    ResponseEntity<byte[]> diagram(@PathVariable String id, @PathVariable String instance) {
        RunHistory.Part part = trace(id).parts()
                .stream()
                .filter(known -> known.instance().equals(instance))
                .findFirst()
                .orElseThrow(() -> NoSuchPage.unknown("Run \"" + id + "\" has no part \"" + instance + "\"."));
        return xml(part.diagram());
    }

    /** The table's XML, as it was when it was asked. */
    @GetMapping("/runs/{id}/tables/{number}")
    ResponseEntity<byte[]> table(@PathVariable String id, @PathVariable String number) {
        List<RunHistory.Decided> decided = trace(id).decided();
        int index = number.matches("[0-9]{1,4}") ? Integer.parseInt(number) : decided.size();
        if (index >= decided.size()) {
            throw NoSuchPage.unknown("Run \"" + id + "\" has no decision \"" + number + "\".");
        }
        return xml(decided.get(index).table());
    }

    private RunHistory.Trace trace(String id) {
        return history.trace(new RunId(id))
                .orElseThrow(() -> NoSuchPage.unknown("The engine has no run \"" + id + "\" any more."));
    }

    private static ResponseEntity<byte[]> xml(RunHistory.Version version) {
        return ResponseEntity.ok()
                .contentType(new MediaType("text", "xml", StandardCharsets.UTF_8))
                .body(version.xml().getBytes(StandardCharsets.UTF_8));
    }

    /** One file that needs nothing else, to read, print and keep. */
    @GetMapping("/runs/{id}/export.html")
    String export(@PathVariable String id, Authentication login, Model model,
            jakarta.servlet.http.HttpServletResponse response) {
        show(id, model);
        model.addAttribute("styles", sheet.styles());
        model.addAttribute("exportedBy", login.getName());
        model.addAttribute("exportedAt", Moments.exactly(clock.instant()));
        response.setHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
        response.setHeader(HttpHeaders.CONTENT_DISPOSITION, attachment(id, "html"));
        return "export";
    }

    /** @param format raised when a component changes its meaning */
    record Export(String format, Instant exportedAt, String exportedBy, RunStory story) {}

    @GetMapping("/runs/{id}/export.json")
    ResponseEntity<byte[]> data(@PathVariable String id, Authentication login) throws JsonProcessingException {
        Export export = new Export("switchman-run/1", clock.instant(), login.getName(), stories.of(id).story());
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .header(HttpHeaders.CONTENT_DISPOSITION, attachment(id, "json"))
                .body(json.writeValueAsBytes(export));
    }

    private static String attachment(String id, @Nullable String ending) {
        return ContentDisposition.attachment()
                .filename("run-" + id.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "_") + "." + ending)
                .build()
                .toString();
    }
}
