package dev.switchman.app;

import java.time.Clock;
import java.time.Duration;
import java.util.List;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.FilterType;

import dev.switchman.audit.Journal;
import dev.switchman.audit.Journals;
import dev.switchman.hook.Shutdown;
import dev.switchman.hook.ShutdownHook;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.memory.Memories;
import dev.switchman.monitor.Claims;
import dev.switchman.monitor.VerdictListener;
import dev.switchman.monitor.Watch;
import dev.switchman.monitor.Watches;
import dev.switchman.notify.Notifier;
import dev.switchman.notify.Notifiers;
import dev.switchman.rehearsal.Stage;
import dev.switchman.runbook.Pause;
import dev.switchman.topology.Cluster;

/**
 * What a rehearsal is made of: all that {@code serve} is made of, over a store in memory, without HTTP, and with a
 * {@link Stage} in place of the doors to servers and hosts. Nothing here knows the real ones. Engine and transactions are
 * named in the file that {@link ImportAutoConfiguration} reads for this class.
 */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration
@ComponentScan(basePackages = {"dev.switchman.runbook",
        "dev.switchman.engine"}, excludeFilters = @ComponentScan.Filter(type = FilterType.REGEX, pattern = ".*\\$.*"))
class RehearsalRoom {

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    Pause pause() {
        return new Sleep();
    }

    @Bean
    Stage stage(Clock clock) {
        return new Stage(clock);
    }

    @Bean
    List<Cluster> clusters(Stage stage) {
        return List.of(stage.cluster());
    }

    @Bean
    OwnStore ownStore(@Value("${switchman.store.url}") String url, @Value("${switchman.store.user}") String user,
            @Value("${switchman.store.password}") String password) {
        return OwnStore.open(url, user, password);
    }

    @Bean
    Journal journal(OwnStore store, Clock clock) {
        return Journals.over(store.pool(), clock);
    }

    @Bean
    ClusterMemory clusterMemory(OwnStore store) {
        return Memories.over(store.pool());
    }

    /** The rehearsed cluster has no program. */
    @Bean
    ShutdownHook shutdownHook() {
        return (cluster, node, ssh, deadline) -> new Shutdown.NotProven("is not rehearsed", Duration.ZERO, "");
    }

    @Bean
    Notifier notifier() {
        return Notifiers.byMail();
    }

    @Bean
    Claims claims() {
        return Watches.unrivalled();
    }

    @Bean
    Watch watch(List<Cluster> clusters, Stage stage, ClusterMemory memory, Claims claims,
            ObjectProvider<VerdictListener> listener, Clock clock) {
        return Watches.over(clusters, stage, stage, memory, claims,
                (verdict, snapshot, changed) -> listener.getObject().told(verdict, snapshot, changed), clock);
    }

    @Bean
    WatchPhase watchPhase(Watch watch, Claims claims, ObjectProvider<VerdictListener> listener) {
        listener.getObject();
        return new WatchPhase(watch, claims);
    }
}
