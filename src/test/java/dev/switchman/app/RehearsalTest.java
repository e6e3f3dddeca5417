package dev.switchman.app;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Consumer;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import dev.switchman.ExampleClusters;
import dev.switchman.audit.Journal;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.monitor.Watch;
import dev.switchman.mysql.NodeOperator;
import dev.switchman.mysql.NodeReader;
import dev.switchman.rehearsal.Stage;
import dev.switchman.runbook.Runbooks;
import dev.switchman.ssh.HostReader;
import dev.switchman.ssh.RemoteShell;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.vip.VirtualIp;

import static org.assertj.core.api.Assertions.assertThat;

/** The rehearsal beside a program whose every door notes that it was used. */
class RehearsalTest {

    private static final Cluster CLUSTER = ExampleClusters.named("shop");
    private static final List<Class<?>> DOORS = List.of(NodeReader.class, NodeOperator.class, HostReader.class,
            RemoteShell.class, VirtualIp.class);

    private final Set<String> used = new ConcurrentSkipListSet<>();

    @Configuration(proxyBeanMethods = false)
    static class Nothing {}

    @Test
    void it_plays_a_failover_and_a_switchover_to_their_end_and_touches_nothing_real() {
        Set<Object> doors = new HashSet<>();

        List<String> said = rehearse(new Rehearsal.Extent(6, 6, Duration.ofSeconds(30)), room -> {
            for (Class<?> door : DOORS) {
                doors.addAll(beans(room, door));
            }
        });

        assertThat(said).singleElement().asString().startsWith("rehearsed 6 failovers and 1 switchovers");
        assertThat(doors).singleElement().isInstanceOf(Stage.class);
        assertThat(used).isEqualTo(Set.of("Watch.sight", "Runbooks.open"));
    }

    @Test
    void it_tells_when_a_failover_does_not_come_to_its_end() {
        List<String> said = rehearse(new Rehearsal.Extent(1, 1, Duration.ofSeconds(3)),
                room -> room.getBean(ClusterMemory.class)
                        .pause(new ClusterName(Stage.NAME),
                                new ClusterMemory.Pause("nobody", "nothing shall happen", Instant.now(),
                                        Instant.now().plusSeconds(60))));

        assertThat(said).singleElement()
                .asString()
                .contains("harms nothing", "not within 3 s: a failover ended");
        assertThat(used).isEqualTo(Set.of("Watch.sight", "Runbooks.open"));
    }

    private static Collection<?> beans(ListableBeanFactory room, Class<?> type) {
        return room.getBeansOfType(type).values();
    }

    private List<String> rehearse(Rehearsal.Extent extent, Consumer<ListableBeanFactory> furnished) {
        ListAppender<ILoggingEvent> said = new ListAppender<>();
        try (ConfigurableApplicationContext real = real()) {
            // Not before: Spring resets the logging of a program that it starts.
            Logger log = (Logger) LoggerFactory.getLogger(Rehearsal.class);
            log.setLevel(Level.INFO);
            said.start();
            log.addAppender(said);
            try {
                new Rehearsal(real, List.of(CLUSTER), extent, furnished).run();
            } finally {
                log.detachAppender(said);
            }
        }
        return said.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private ConfigurableApplicationContext real() {
        NodeReader reader = door(NodeReader.class);
        HostReader hosts = door(HostReader.class);
        NodeOperator operator = door(NodeOperator.class);
        return new SpringApplicationBuilder(Nothing.class).web(WebApplicationType.NONE)
                .registerShutdownHook(false)
                .properties("spring.config.location=classpath:/application.yaml",
                        "switchman.data=target/rehearsal-test")
                .initializers(context -> {
                    var beans = context.getBeanFactory();
                    for (Class<?> type : List.of(RemoteShell.class, VirtualIp.class, Journal.class, ClusterMemory.class,
                            Watch.class, Runbooks.class)) {
                        beans.registerSingleton(type.getSimpleName(), door(type));
                    }
                    beans.registerSingleton("reader", reader);
                    beans.registerSingleton("hosts", hosts);
                    beans.registerSingleton("operator", operator);
                    // Over no server: what it does to real ones is no part of the rehearsal.
                    beans.registerSingleton("warmDoors", new WarmDoors(List.of(), reader, hosts, operator));
                })
                .run();
    }

    /** Answers as a program does that has nothing to do, and notes what it was asked. */
    private <T> T door(Class<T> type) {
        return type
                .cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[]{type}, (self, method, arguments) -> {
                    switch (method.getName()) {
                        case "hashCode" -> {
                            return System.identityHashCode(self);
                        }
                        case "equals" -> {
                            return self == arguments[0];
                        }
                        case "toString" -> {
                            return type.getSimpleName();
                        }
                        default -> used.add(type.getSimpleName() + "." + method.getName());
                    }
                    if (method.getReturnType().equals(Optional.class)) {
                        return Optional.empty();
                    }
                    if (method.getReturnType().equals(List.class)) {
                        return List.of();
                    }
                    return null;
                }));
    }
}
