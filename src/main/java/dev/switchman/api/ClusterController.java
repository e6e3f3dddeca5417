package dev.switchman.api;

import java.security.Principal;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

import dev.switchman.audit.Journal;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.monitor.Claims;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Orders;
import dev.switchman.runbook.Preflight;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.Runbooks;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.NodeId;
import dev.switchman.verdict.Readiness;

@RestController
@RequestMapping("/api/clusters")
class ClusterController {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterController.class);
    private static final Duration LONGEST_PAUSE = Duration.ofDays(30);
    private static final int LONGEST_REASON = 500;
    private static final long MOST_MINUTES = Duration.ofDays(365).toMinutes();
    /** What MHA leaves its error file behind for. */
    private static final Set<String> FAILED = Set.of(Ending.NOT_FENCED.name(), Ending.NO_ELIGIBLE_CANDIDATE.name(),
            Ending.REPLICAS_DIVERGED.name(), Ending.FAILED.name());

    private final ClusterViews views;
    private final ClusterMemory memory;
    private final Runbooks runbooks;
    private final Claims claims;
    private final Preflight preflight;
    private final Orders orders;
    private final Journal journal;
    private final Clock clock;

    ClusterController(ClusterViews views, ClusterMemory memory, Runbooks runbooks, Claims claims, Preflight preflight,
            Orders orders, Journal journal, Clock clock) {
        this.views = views;
        this.memory = memory;
        this.runbooks = runbooks;
        this.claims = claims;
        this.preflight = preflight;
        this.orders = orders;
        this.journal = journal;
        this.clock = clock;
    }

    @GetMapping
    List<Views.ClusterSummary> all() {
        return views.summaries();
    }

    @GetMapping("/{name}")
    Views.ClusterDetail one(@PathVariable String name) {
        return views.detail(views.configured(name));
    }

    /** Starts a failover by hand. The run confirms the loss itself: a living primary ends it with PRIMARY_ALIVE. */
    @PostMapping("/{name}/failover")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Views.Started failover(@PathVariable String name, @RequestBody Views.FailoverRequest body, Principal user) {
        Cluster cluster = views.configured(name);
        String reason = reason(body.reason());
        actsOn(cluster);
        NodeId primary = memory.knownPrimary(cluster.name())
                .orElseThrow(() -> Refusal
                        .conflict("cluster " + name + " has no known primary: there is nothing to fail over from"));
        Map<String, String> inputs = new HashMap<>(Map.of(Run.OLD_PRIMARY, primary.toString()));
        @Nullable
        String lost = body.primary();
        if (lost != null && !named("primary", cluster, lost).equals(primary)) {
            throw Refusal.conflict("primary: cluster " + name + " has the primary " + primary + ", not " + lost);
        }
        @Nullable
        String to = body.to();
        if (to != null) {
            NodeId wanted = named("to", cluster, to);
            if (wanted.equals(primary)) {
                throw Refusal.bad("to: is the primary that is to be replaced: " + to);
            }
            inputs.put(Run.TARGET, wanted.toString());
        }
        notTooSoon(cluster, body.lastFailoverMinutes());
        return started(cluster, new Runbooks.Request(Runbook.FAILOVER, cluster.name(), user.getName(), reason, inputs));
    }

    /**
     * Looks whether a switchover could go well: all servers and hosts, now. Changes nothing.
     *
     * @param to {@code host:port} of the server that would become the primary
     */
    @GetMapping("/{name}/switchover")
    Views.PreflightView preflight(@PathVariable String name, @RequestParam Optional<String> to) {
        Cluster cluster = views.configured(name);
        Preflight.Answer answer = preflight.look(cluster, to.map(text -> node(cluster, text)));
        return new Views.PreflightView(answer.primary().map(NodeId::toString).orElse(null),
                answer.candidate().map(NodeId::toString).orElse(null),
                answer.checks().stream().noneMatch(check -> check.stops(Set.of())),
                answer.checks()
                        .stream()
                        .map(check -> new Views.CheckView(check.name(), check.subject(),
                                Readiness.word(check.severity()), check.result().name().toLowerCase(Locale.ROOT),
                                check.evidence()))
                        .toList());
    }

    /** Starts a switchover. The run makes its own checks first; it may wait for people to agree. */
    @PostMapping("/{name}/switchover")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Views.Started switchover(@PathVariable String name, @RequestBody Views.SwitchoverRequest body, Principal user) {
        Cluster cluster = views.configured(name);
        @Nullable
        String reason = body.reason();
        @Nullable
        List<String> override = body.override();
        return started(cluster, Runbook.SWITCHOVER, user,
                orders.switchover(cluster, Optional.ofNullable(body.to()), reason == null ? "" : reason,
                        override == null ? List.of() : override));
    }

    /** Starts a rejoin: the named server is to be a replica again. The run looks itself whether it can. */
    @PostMapping("/{name}/rejoin")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Views.Started rejoin(@PathVariable String name, @RequestBody Views.RejoinRequest body, Principal user) {
        Cluster cluster = views.configured(name);
        @Nullable
        String node = body.node();
        @Nullable
        String reason = body.reason();
        if (node == null || node.isBlank()) {
            throw Refusal.bad("node: missing; the host, or host:port, of the server that is to be a replica again");
        }
        @Nullable
        List<String> override = body.override();
        return started(cluster, Runbook.REJOIN, user, orders.rejoin(cluster, node, reason == null ? "" : reason,
                override == null ? List.of() : override));
    }

    /** Starts a repair of a server's errant transactions. A person with the role approver is asked before anything is done. */
    @PostMapping("/{name}/repair-errant")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Views.Started repairErrant(@PathVariable String name, @RequestBody Views.RepairRequest body, Principal user) {
        Cluster cluster = views.configured(name);
        @Nullable
        String node = body.node();
        @Nullable
        String choice = body.choice();
        @Nullable
        String reason = body.reason();
        if (node == null || node.isBlank()) {
            throw Refusal.bad("node: missing; the host, or host:port, of the server with errant transactions");
        }
        return started(cluster, Runbook.REPAIR_ERRANT, user,
                orders.repairErrant(cluster, node, choice == null ? "" : choice, reason == null ? "" : reason));
    }

    /** Starts a purge of relay logs, as the watch does every few days where replicas keep them. */
    @PostMapping("/{name}/purge-relay-logs")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Views.Started purgeRelayLogs(@PathVariable String name, @RequestBody Views.PurgeRequest body, Principal user) {
        Cluster cluster = views.configured(name);
        @Nullable
        String reason = body.reason();
        return started(cluster, Runbook.PURGE_RELAY_LOGS, user,
                orders.purgeRelayLogs(cluster, reason == null ? "" : reason));
    }

    /** As MHA's manager refuses it, which keeps two files for that. */
    private void notTooSoon(Cluster cluster, @Nullable Long minutes) {
        if (minutes == null) {
            return;
        }
        if (minutes < 0 || minutes > MOST_MINUTES) {
            throw Refusal.bad("lastFailoverMinutes: must be 0 to " + MOST_MINUTES + ": " + minutes);
        }
        Instant since = clock.instant().minus(Duration.ofMinutes(minutes));
        memory.lastFailover(cluster.name()).filter(at -> at.isAfter(since)).ifPresent(at -> {
            throw Refusal.conflict("the last failover of cluster " + cluster.name() + " was at " + at + ", less than "
                    + minutes + " minutes ago");
        });
        journal.runs(Journal.Wanted.ALL.of(cluster.name()).ofRunbook(Runbook.FAILOVER.id()), 1)
                .stream()
                .filter(last -> last.ending().filter(FAILED::contains).isPresent())
                .findFirst()
                .ifPresent(last -> {
                    throw Refusal.conflict("the last failover of cluster " + cluster.name() + " ended "
                            + last.ending().orElse(""), last.run());
                });
    }

    private NodeId named(String argument, Cluster cluster, String text) {
        return switch (orders.node(cluster, text)) {
            case Orders.Named.Found(var node) -> node;
            case Orders.Named.NotFound(String why) -> throw Refusal.bad(why.replaceFirst("^to: ", argument + ": "));
        };
    }

    private NodeId node(Cluster cluster, String text) {
        return switch (orders.node(cluster, text)) {
            case Orders.Named.Found(var node) -> node;
            case Orders.Named.NotFound(String why) -> throw Refusal.bad(why);
        };
    }

    private void actsOn(Cluster cluster) {
        if (claims.renewed(cluster.name()) instanceof Claims.Claim.NotHeld(String why)) {
            throw Refusal.conflict("this manager only watches cluster " + cluster.name() + ": it " + why);
        }
    }

    private Views.Started started(Cluster cluster, Runbook runbook, Principal user, Orders.Order order) {
        return switch (order) {
            case Orders.Order.Fit(String why, var inputs) ->
                started(cluster, new Runbooks.Request(runbook, cluster.name(), user.getName(), why, inputs));
            case Orders.Order.Unfit(String why) -> throw Refusal.bad(why);
            case Orders.Order.OnlyWatched(String why) -> throw Refusal.conflict(why);
        };
    }

    private Views.Started started(Cluster cluster, Runbooks.Request request) {
        String name = cluster.name().value();
        return switch (runbooks.start(request)) {
            case Runbooks.Started.Yes(var run) -> new Views.Started(run.value());
            case Runbooks.Started.Held(var by, String runbook) -> throw Refusal.conflict(
                    "cluster " + name + " is held by run " + by + " (" + runbook + ")", by.value());
            case Runbooks.Started.Refused(String why) -> throw Refusal.conflict(why);
        };
    }

    /** Watches the cluster without acting, until the time is over or {@code resume} is called. Again: replaces it. */
    @PostMapping("/{name}/pause")
    Views.PauseView pause(@PathVariable String name, @RequestBody Views.PauseRequest body, Principal user) {
        Cluster cluster = views.configured(name);
        Duration length = length(body.length());
        Instant now = clock.instant();
        ClusterMemory.Pause pause = new ClusterMemory.Pause(user.getName(), reason(body.reason()), now,
                now.plus(length));
        memory.pause(cluster.name(), pause);
        LOG.info("cluster {} is paused by {} until {}: {}", name, pause.by(), pause.until(), pause.reason());
        return ClusterViews.paused(pause);
    }

    /** Ends a pause; nothing happens when there is none. */
    @PostMapping("/{name}/resume")
    Views.ClusterDetail resume(@PathVariable String name, Principal user) {
        Cluster cluster = views.configured(name);
        memory.resume(cluster.name());
        LOG.info("cluster {} is resumed by {}", name, user.getName());
        return views.detail(cluster);
    }

    private static String reason(@Nullable String reason) {
        if (reason == null || reason.isBlank()) {
            throw Refusal
                    .bad("reason: missing; say why, for the journal and for whoever looks at the cluster meanwhile");
        }
        if (reason.length() > LONGEST_REASON) {
            throw Refusal.bad("reason: " + reason.length() + " characters, at most " + LONGEST_REASON + ": \""
                    + reason.substring(0, 40) + "…\"");
        }
        return reason.strip();
    }

    private static Duration length(@Nullable String text) {
        if (text == null) {
            throw Refusal.bad("for: missing; an ISO-8601 duration such as PT2H");
        }
        Duration length;
        try {
            length = Duration.parse(text);
        } catch (DateTimeException e) {
            throw Refusal.bad("for: not an ISO-8601 duration such as PT2H: \"" + text + "\"");
        }
        if (!length.isPositive() || length.compareTo(LONGEST_PAUSE) > 0) {
            throw Refusal.bad("for: must be more than nothing and at most 30 days (PT720H): \"" + text + "\"");
        }
        return length;
    }
}
