package dev.switchman.api;

import java.security.Principal;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.monitor.Claims;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.Runbooks;
import dev.switchman.topology.Cluster;

@RestController
@RequestMapping("/api/clusters")
class ClusterController {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterController.class);
    private static final Duration LONGEST_PAUSE = Duration.ofDays(30);
    private static final int LONGEST_REASON = 500;

    private final ClusterViews views;
    private final ClusterMemory memory;
    private final Runbooks runbooks;
    private final Claims claims;
    private final Clock clock;

    ClusterController(ClusterViews views, ClusterMemory memory, Runbooks runbooks, Claims claims, Clock clock) {
        this.views = views;
        this.memory = memory;
        this.runbooks = runbooks;
        this.claims = claims;
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
        if (claims.renewed(cluster.name()) instanceof Claims.Claim.NotHeld(String why)) {
            throw Refusal.conflict("this manager only watches cluster " + name + ": it " + why);
        }
        Map<String, String> inputs = memory.knownPrimary(cluster.name())
                .map(primary -> Map.of(Run.OLD_PRIMARY, primary.toString()))
                .orElse(Map.of());
        if (inputs.isEmpty()) {
            throw Refusal.conflict("cluster " + name + " has no known primary: there is nothing to fail over from");
        }
        return switch (runbooks.start(new Runbooks.Request(Runbook.FAILOVER, cluster.name(), user.getName(), reason,
                inputs))) {
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
