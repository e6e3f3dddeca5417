package dev.switchman.api;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import dev.switchman.audit.Journal;
import dev.switchman.monitor.Watch;
import dev.switchman.topology.Cluster;

/** Says nothing of clusters, because nobody has logged in. */
@RestController
class HealthController {

    /** A look that is older says that the watch stands. */
    static final Duration STALE = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(HealthController.class);

    private final List<Cluster> clusters;
    private final Watch watch;
    private final Journal journal;
    private final Clock clock;

    HealthController(List<Cluster> clusters, Watch watch, Journal journal, Clock clock) {
        this.clusters = List.copyOf(clusters);
        this.watch = watch;
        this.journal = journal;
        this.clock = clock;
    }

    /** Answers as soon as requests are taken: the process lives. */
    @GetMapping("/api/health")
    Views.Health health() {
        return new Views.Health("up");
    }

    /**
     * Whether a failure would be noticed and answered.
     *
     * @param status {@code ready}, or {@code not-ready} with HTTP status 503
     * @param lacks {@code store}: it cannot be read; {@code first-look}: a cluster has not been looked at yet; {@code fresh-looks}:
     *            the last look at a cluster is older than 30 s
     */
    record Readiness(String status, List<String> lacks) {}

    @GetMapping("/api/ready")
    ResponseEntity<Readiness> ready() {
        List<String> lacks = new ArrayList<>();
        if (!storeAnswers()) {
            lacks.add("store");
        }
        List<Optional<Watch.Sight>> sights = clusters.stream().map(cluster -> watch.sight(cluster.name())).toList();
        if (sights.stream().anyMatch(Optional::isEmpty)) {
            lacks.add("first-look");
        }
        Instant oldest = clock.instant().minus(STALE);
        if (sights.stream().flatMap(Optional::stream).anyMatch(sight -> sight.snapshot().at().isBefore(oldest))) {
            lacks.add("fresh-looks");
        }
        return lacks.isEmpty()
                ? ResponseEntity.ok(new Readiness("ready", lacks))
                : ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE).body(new Readiness("not-ready", lacks));
    }

    private boolean storeAnswers() {
        try {
            return !journal.head().isEmpty();
        } catch (RuntimeException e) {
            LOG.error("the store cannot be read", e);
            return false;
        }
    }
}
