package dev.switchman.web;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;

import dev.switchman.audit.Journal;
import dev.switchman.runbook.Orders;
import dev.switchman.runbook.Preflight;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.NodeId;
import dev.switchman.verdict.Readiness;
import dev.switchman.verdict.Readiness.Check;

/** Clusters, and one of them. Buttons send to the API, where the rules are. */
@Controller
class ClusterPages {

    static final int RECENT = 8;

    private final Board board;
    private final Preflight preflight;
    private final Orders orders;
    private final Journal journal;

    ClusterPages(Board board, Preflight preflight, Orders orders, Journal journal) {
        this.board = board;
        this.preflight = preflight;
        this.orders = orders;
        this.journal = journal;
    }

    /** Where a browser lands after its login. */
    @GetMapping("/")
    String front() {
        return "redirect:/clusters";
    }

    @GetMapping({"/camunda", "/camunda/"})
    String camunda() {
        return "redirect:/camunda/app/welcome/default/";
    }

    @GetMapping("/clusters")
    String all(Model model) {
        model.addAttribute("clusters", board.cards());
        return "clusters";
    }

    @GetMapping("/clusters/live")
    String allLive(Model model) {
        model.addAttribute("clusters", board.cards());
        return "clusters :: live";
    }

    /** A change of runbooks is of no cluster; what its pages name as one leads to all of its kind. */
    @GetMapping("/clusters/runbooks")
    String runbooks() {
        return "redirect:/runs?kind=deploy";
    }

    @GetMapping("/clusters/{name}")
    String one(@PathVariable String name, Model model) {
        show(board.configured(name), model);
        return "cluster";
    }

    @GetMapping("/clusters/{name}/live")
    String live(@PathVariable String name, Model model) {
        show(board.configured(name), model);
        return "cluster :: live";
    }

    private void show(Cluster cluster, Model model) {
        model.addAttribute("cluster", board.card(cluster));
        model.addAttribute("picture", board.picture(cluster));
        model.addAttribute("progress", board.progress(cluster));
        model.addAttribute("runs",
                journal.runs(Optional.of(cluster.name()), RECENT).stream().map(RunLine::of).toList());
    }

    /** All checks now, and the form that starts a switchover. */
    @GetMapping("/clusters/{name}/switchover")
    String switchover(@PathVariable String name, @RequestParam Optional<String> to, Model model) {
        Cluster cluster = board.configured(name);
        Optional<NodeId> target = to.map(String::strip)
                .filter(text -> !text.isEmpty())
                .map(text -> node(cluster, text));
        looked(cluster, target, model);
        model.addAttribute("nodes", cluster.nodes().stream().map(node -> node.id().toString()).toList());
        model.addAttribute("to", target.map(NodeId::toString).orElse(""));
        return "switchover";
    }

    /** What a failover would meet now, and the form that starts one. */
    @GetMapping("/clusters/{name}/failover")
    String failover(@PathVariable String name, Model model) {
        Cluster cluster = board.configured(name);
        looked(cluster, Optional.empty(), model);
        model.addAttribute("picture", board.picture(cluster));
        return "failover";
    }

    private void looked(Cluster cluster, Optional<NodeId> target, Model model) {
        Preflight.Answer answer = preflight.look(cluster, target);
        model.addAttribute("cluster", board.card(cluster));
        model.addAttribute("primary", answer.primary().map(NodeId::toString).orElse(null));
        model.addAttribute("candidate", answer.candidate().map(NodeId::toString).orElse(null));
        model.addAttribute("blocking", lines(answer, check -> !check.passed()
                && check.severity() == Readiness.Severity.BLOCKS));
        model.addAttribute("overridable", lines(answer, check -> !check.passed()
                && check.severity() == Readiness.Severity.NEEDS_OVERRIDE));
        model.addAttribute("warnings", lines(answer, check -> !check.passed()
                && check.severity() == Readiness.Severity.WARNS));
        model.addAttribute("passed", lines(answer, Check::passed));
        model.addAttribute("ready", answer.checks().stream().noneMatch(check -> check.stops(Set.of())));
    }

    private NodeId node(Cluster cluster, String text) {
        return switch (orders.node(cluster, text)) {
            case Orders.Named.Found(var node) -> node;
            case Orders.Named.NotFound(String why) -> throw NoSuchPage.bad(why);
        };
    }

    /** @param result {@code passed}, {@code failed} or {@code unknown} */
    record CheckLine(String name, String subject, String result, String evidence) {}

    private static List<CheckLine> lines(Preflight.Answer answer, Predicate<Check> which) {
        return answer.checks()
                .stream()
                .filter(which)
                .map(check -> new CheckLine(check.name(), check.subject(),
                        check.result().name().toLowerCase(java.util.Locale.ROOT), check.evidence()))
                .toList();
    }
}
