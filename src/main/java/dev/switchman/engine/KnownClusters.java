package dev.switchman.engine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;

/** The configured clusters by name. */
@Component
class KnownClusters {

    private final Map<ClusterName, Cluster> all = new LinkedHashMap<>();

    KnownClusters(List<Cluster> clusters) {
        clusters.forEach(cluster -> all.put(cluster.name(), cluster));
    }

    Optional<Cluster> find(ClusterName name) {
        return Optional.ofNullable(all.get(name));
    }

    /** @throws IllegalArgumentException naming the cluster and those that are configured */
    Cluster get(ClusterName name) {
        return find(name).orElseThrow(() -> new IllegalArgumentException(notConfigured(name)));
    }

    String notConfigured(ClusterName name) {
        return "cluster " + name + " is not configured; configured are " + all.keySet();
    }
}
