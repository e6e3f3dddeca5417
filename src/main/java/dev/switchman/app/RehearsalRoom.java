package dev.switchman.app;

import java.time.Clock;
import java.time.Duration;
import java.util.List;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.FilterType;
import org.springframework.context.annotation.Import;

import dev.switchman.hook.Program;
import dev.switchman.hook.Scripts;
import dev.switchman.hook.Shutdown;
import dev.switchman.hook.ShutdownHook;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.monitor.Claims;
import dev.switchman.monitor.VerdictListener;
import dev.switchman.monitor.Watch;
import dev.switchman.monitor.Watches;
import dev.switchman.rehearsal.Stage;
import dev.switchman.topology.Cluster;

/**
 * What a rehearsal is made of: all that {@code serve} is made of, over a store in memory, without HTTP, and with a
 * {@link Stage} in place of the doors to servers and hosts. Nothing here knows the real ones. Engine and transactions are
 * named in the file that {@link ImportAutoConfiguration} reads for this class.
 */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration
@Import(Foundation.class)
@ComponentScan(basePackages = {"dev.switchman.runbook",
        "dev.switchman.engine"}, excludeFilters = @ComponentScan.Filter(type = FilterType.REGEX, pattern = ".*\\$.*"))
class RehearsalRoom {

    @Bean
    Stage stage(Clock clock) {
        return new Stage(clock);
    }

    @Bean
    List<Cluster> clusters(Stage stage) {
        return List.of(stage.cluster());
    }

    /** The rehearsed cluster has no program. */
    @Bean
    ShutdownHook shutdownHook() {
        return (cluster, node, ssh, deadline) -> new Shutdown.NotProven("is not rehearsed", Duration.ZERO, "");
    }

    @Bean
    Scripts scripts() {
        return (call, deadline) -> new Program.Broken("is not rehearsed", Duration.ZERO, "");
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
}
