package dev.switchman.web;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What is shown of a cluster.
 *
 * @param mood {@code good}, {@code warn}, {@code bad} or {@code unknown}: the colour, never alone
 * @param run the run that holds it @param seen when the verdict was reached
 */
record ClusterCard(
        String name,
        String tier,
        String verdict,
        String mood,
        String sentence,
        @Nullable String primary,
        @Nullable String virtualIp,
        @Nullable String seen,
        @Nullable PauseNote paused,
        @Nullable String run,
        boolean acts,
        String manager,
        List<Quarantined> quarantined,
        List<Holding> errant,
        @Nullable LastRun last) {

    ClusterCard {
        quarantined = List.copyOf(quarantined);
        errant = List.copyOf(errant);
    }

    /** @return the same without the time of the last look: equal as long as nothing has changed */
    ClusterCard unseen() {
        return new ClusterCard(name, tier, verdict, mood, sentence, primary, virtualIp, null, paused, run, acts,
                manager, quarantined, errant, last);
    }

    record PauseNote(String by, String reason, String since, String until) {}

    record Quarantined(String node, String since, String why, boolean fenceProven) {}

    /** A server and its errant transactions, as a GTID set. */
    record Holding(String node, String gtids) {}

    record LastRun(String run, String runbook, String at, String ending) {}
}
