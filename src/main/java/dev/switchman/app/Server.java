package dev.switchman.app;

import java.time.Clock;
import java.time.ZoneId;
import java.util.List;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.FilterType;
import org.springframework.context.annotation.Import;

import dev.switchman.audit.Journal;
import dev.switchman.config.Inventory;
import dev.switchman.config.ServerSettings;
import dev.switchman.hook.Scripts;
import dev.switchman.hook.ShutdownHook;
import dev.switchman.hook.ShutdownHooks;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.monitor.Claims;
import dev.switchman.monitor.VerdictListener;
import dev.switchman.monitor.Watch;
import dev.switchman.monitor.Watches;
import dev.switchman.mysql.MySql;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.mysql.NodeReader;
import dev.switchman.runbook.Runbooks;
import dev.switchman.ssh.HostReader;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.ssh.Ssh;
import dev.switchman.topology.Cluster;
import dev.switchman.vip.VirtualIp;
import dev.switchman.vip.VirtualIps;

/** What {@code serve} is made of. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import(Foundation.class)
@ComponentScan(basePackages = {"dev.switchman.runbook", "dev.switchman.engine", "dev.switchman.api",
        "dev.switchman.web"},
        // Rooms declare their components at the top level; what is nested is a test's own.
        excludeFilters = @ComponentScan.Filter(type = FilterType.REGEX, pattern = ".*\\$.*"))
class Server {

    @Bean
    List<Cluster> clusters(Inventory.Loaded inventory) {
        return inventory.clusters();
    }

    @Bean
    NodeReader nodeReader(Clock clock) {
        return MySql.reader(clock);
    }

    @Bean
    NodeOperator nodeOperator(Clock clock, Journal journal) {
        return MySql.operator(clock, journal);
    }

    @Bean
    WarmDoors warmDoors(List<Cluster> clusters, NodeReader reader, HostReader hosts, NodeOperator operator) {
        return new WarmDoors(clusters, reader, hosts, operator);
    }

    @Bean
    Ssh ssh(Journal journal) {
        return Ssh.open(journal);
    }

    @Bean
    HostReader hostReader(Ssh ssh) {
        return ssh.reader();
    }

    @Bean
    RemoteShell remoteShell(Ssh ssh) {
        return ssh.shell();
    }

    @Bean
    VirtualIp virtualIp(RemoteShell shell, HostReader reader) {
        return VirtualIps.over(shell, reader);
    }

    @Bean
    ShutdownHook shutdownHook() {
        return ShutdownHooks.configured();
    }

    @Bean
    Scripts scripts() {
        return ShutdownHooks.scripts();
    }

    @Bean
    Claims claims(List<Cluster> clusters, ClusterMemory memory, Clock clock) {
        return Watches.claims(clusters, MySql.locks(), memory, clock);
    }

    @Bean
    JournalUpkeep journalUpkeep(Journal journal, Runbooks runbooks, ServerSettings settings, Clock clock) {
        return new JournalUpkeep(journal, () -> runbooks.open().stream().anyMatch(run -> !run.waiting()),
                settings.audit(), clock, ZoneId.systemDefault());
    }

    /** The listener is asked for late: it starts runs, whose steps ask the watch to confirm. */
    @Bean
    Watch watch(List<Cluster> clusters, NodeReader mysql, HostReader hosts, ClusterMemory memory, Claims claims,
            ObjectProvider<VerdictListener> listener, Clock clock) {
        return Watches.over(clusters, mysql, hosts, memory, claims,
                (verdict, snapshot, changed) -> listener.getObject().told(verdict, snapshot, changed), clock);
    }
}
