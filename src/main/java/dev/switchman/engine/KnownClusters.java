package dev.switchman.engine;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.runbook.Deployments;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;

/** The configured clusters by name. */
@Component
class KnownClusters {

    private static final Duration ANSWERED_WITHIN = Duration.ofDays(1);
    private static final Duration REMINDED_AFTER = Duration.ofHours(4);

    private final Map<ClusterName, Cluster> all = new LinkedHashMap<>();
    private final Optional<Cluster> place;

    KnownClusters(List<Cluster> clusters) {
        clusters.forEach(cluster -> all.put(cluster.name(), cluster));
        this.place = clusters.stream().findFirst().map(first -> place(first, clusters));
    }

    /** A cluster without servers: what a run that changes runbooks stands for. Nobody is in a hurry there. */
    static Cluster place(Cluster first, List<Cluster> all) {
        return new Cluster(Deployments.PLACE, "", List.of(), Optional.empty(), first.replication(), first.pingSchema(),
                first.detection(), first.limits().withApproval(ANSWERED_WITHIN, REMINDED_AFTER), first.policies(),
                all.stream().flatMap(cluster -> cluster.mail().stream()).findFirst(), Optional.empty());
    }

    Optional<Cluster> find(ClusterName name) {
        return name.equals(Deployments.PLACE) ? place : Optional.ofNullable(all.get(name));
    }

    /** @throws IllegalArgumentException naming the cluster and those that are configured */
    Cluster get(ClusterName name) {
        return find(name).orElseThrow(() -> new IllegalArgumentException(notConfigured(name)));
    }

    String notConfigured(ClusterName name) {
        return "cluster " + name + " is not configured; configured are " + all.keySet();
    }
}
