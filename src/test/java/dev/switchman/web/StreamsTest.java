package dev.switchman.web;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.coyote.AbstractProtocol;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.web.servlet.DispatcherServletRegistrationBean;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.MediaType;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

import dev.switchman.fleet.ManualClock;
import dev.switchman.lab.Eventually;
import dev.switchman.runbook.People;

import static org.assertj.core.api.Assertions.assertThat;

/** Streams of events over real connections, looked after by hand. */
class StreamsTest {

    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private static final Duration SOON = Duration.ofSeconds(30);
    /** That answer requests: many that come at once would get as many, whatever a stream costs. */
    private static final int THREADS = 20;

    private static final ManualClock CLOCK = new ManualClock(NOW);
    private static final Set<String> REMOVED = ConcurrentHashMap.newKeySet();
    private static final AtomicReference<Optional<Streams.Shown>> SHOWN = new AtomicReference<>();
    private static final AtomicInteger LOOKS = new AtomicInteger();

    private static AnnotationConfigServletWebServerApplicationContext server;

    private final List<Socket> open = new ArrayList<>();
    private Streams streams;

    @Configuration
    @EnableWebMvc
    static class Site {

        @Bean
        Streams streams() {
            return new Streams(new Everybody(), new ObjectMapper(), CLOCK) {

                @Override
                public void start() {
                    begin(); // no timer: the test is it
                }
            };
        }

        @Bean
        TomcatServletWebServerFactory tomcat() {
            TomcatServletWebServerFactory tomcat = new TomcatServletWebServerFactory(0);
            tomcat.addProtocolHandlerCustomizers(protocol -> ((AbstractProtocol<?>) protocol).setMaxThreads(THREADS));
            return tomcat;
        }

        @Bean
        DispatcherServlet dispatcher() {
            return new DispatcherServlet();
        }

        @Bean
        DispatcherServletRegistrationBean registration(DispatcherServlet dispatcher) {
            return new DispatcherServletRegistrationBean(dispatcher, "/");
        }

        @Bean
        Desk desk(Streams streams) {
            return new Desk(streams);
        }
    }

    /** Whoever names himself is in, until he is removed. */
    private static final class Everybody implements People {

        @Override
        public Optional<Person> login(String name, String password) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<Person> stillIn(String name, Instant loggedIn) {
            return REMOVED.contains(name) ? Optional.empty() : Optional.of(new Person(name, Set.of(Role.AUDITOR)));
        }

        @Override
        public Optional<Person> robot(String token) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<String> firstAdministrator(String name) {
            throw new UnsupportedOperationException();
        }
    }

    @RestController
    static class Desk {

        private final Streams streams;

        Desk(Streams streams) {
            this.streams = streams;
        }

        @GetMapping(path = "/of/{name}", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
        SseEmitter of(@PathVariable String name, HttpServletRequest request) {
            var who = new UsernamePasswordAuthenticationToken(name, "", List.of());
            who.setDetails(NOW);
            return streams.open("part", () -> {
                LOOKS.incrementAndGet();
                return SHOWN.get().orElseThrow();
            }, who, request.getSession());
        }

        @GetMapping("/out")
        void out(HttpServletRequest request) {
            request.getSession().invalidate();
        }

        @ExceptionHandler
        void refused(NoSuchPage why, HttpServletResponse response) throws IOException {
            response.sendError(why.status().value());
        }
    }

    @BeforeAll
    static void start() {
        show(List.of(), Map.of());
        server = new AnnotationConfigServletWebServerApplicationContext(Site.class);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void fresh() {
        streams = server.getBean(Streams.class);
        CLOCK.set(NOW);
        REMOVED.clear();
        show(List.of("first"), Map.of());
    }

    @AfterEach
    void close() {
        drop();
        awaitNobody();
    }

    private static void show(List<String> content, Map<String, String> seen) {
        SHOWN.set(Optional.of(new Streams.Shown(content, seen)));
    }

    private void drop() {
        try {
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        open.clear();
    }

    /** What is gone is noticed when something is written to it, at the latest the second time. */
    private void awaitNobody() {
        Eventually.until("nobody is followed", SOON, () -> {
            CLOCK.advance(Streams.HEARTBEAT);
            streams.tick();
            return streams.count() == 0 ? Optional.empty() : Optional.of(streams.count() + " are");
        });
    }

    /** @param more headers, a line each */
    private BufferedReader follow(String path, String... more) {
        try {
            Socket socket = new Socket("127.0.0.1", server.getWebServer().getPort());
            socket.setSoTimeout((int) SOON.toMillis());
            open.add(socket);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.0\r\n" + String.join("", more) + "\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private BufferedReader followed(String path, int already) {
        BufferedReader reader = follow(path);
        Eventually.until("it is followed", SOON,
                () -> streams.count() == already + 1 ? Optional.empty() : Optional.of(streams.count() + " are"));
        return reader;
    }

    /** @return the lines up to the one that begins so, it included */
    private static List<String> until(BufferedReader reader, String begin) {
        List<String> lines = new ArrayList<>();
        try {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
                if (line.startsWith(begin)) {
                    return lines;
                }
            }
        } catch (IOException e) {
            throw new AssertionError("after " + lines, e);
        }
        throw new AssertionError("ended after " + lines);
    }

    @Test
    void whoeverLooksIsToldThatSomethingHasChangedAndNothingElse() {
        BufferedReader page = followed("/of/anna", 0);
        streams.tick();
        show(List.of("second"), Map.of("shop", "10:00"));
        streams.tick();

        List<String> lines = until(page, "event:seen");
        assertThat(lines).contains("event:changed", "data:now");
        assertThat(until(page, "data:")).containsExactly("data:{\"shop\":\"10:00\"}");
        assertThat(lines.toString()).doesNotContain("second");
    }

    @Test
    void aLookThatFoundNothingNewIsToldEveryTwoSecondsAndSilenceEveryFive() {
        BufferedReader page = followed("/of/anna", 0);
        show(List.of("first"), Map.of("shop", "10:01"));
        CLOCK.advance(Duration.ofSeconds(1));
        streams.tick();
        show(List.of("first"), Map.of("shop", "10:02"));
        CLOCK.advance(Duration.ofSeconds(1));
        streams.tick();
        assertThat(until(page, "data:").toString()).contains("{\"shop\":\"10:02\"}").doesNotContain("changed");

        CLOCK.advance(Streams.HEARTBEAT);
        streams.tick();
        assertThat(until(page, ":still here").toString()).doesNotContain("changed");
    }

    @Test
    void twoHundredOpenedAndDroppedAreGoneAndCostNoThreadMeanwhile() {
        int threads = Thread.activeCount();
        for (int i = 0; i < 200; i++) {
            follow("/of/person" + i / Streams.MOST);
        }
        Eventually.until("all are followed", SOON,
                () -> streams.count() == 200 ? Optional.empty() : Optional.of(streams.count() + " are"));
        int before = LOOKS.get();
        streams.tick();
        assertThat(LOOKS.get() - before).as("looks, however many look").isEqualTo(1);
        assertThat(Thread.activeCount() - threads).as("more threads").isLessThan(100);

        drop();
        awaitNobody();
        before = LOOKS.get();
        streams.tick();
        assertThat(LOOKS.get() - before).as("looks for nobody").isZero();
    }

    @Test
    void onePersonHasSoManyAndNoMore() {
        for (int i = 0; i < Streams.MOST; i++) {
            followed("/of/anna", i);
        }

        assertThat(until(follow("/of/anna"), "HTTP/1.1")).containsExactly("HTTP/1.1 429 ");
        followed("/of/bert", Streams.MOST);
    }

    @Test
    void whoIsRemovedHearsThatItIsOver() {
        BufferedReader page = followed("/of/anna", 0);
        REMOVED.add("anna");
        CLOCK.advance(Streams.HEARTBEAT);
        streams.tick();

        assertThat(until(page, "event:over")).doesNotContain("event:changed");
        assertThat(streams.count()).isZero();
    }

    @Test
    void aSessionThatEndsEndsItsStreams() {
        BufferedReader page = followed("/of/anna", 0);
        String cookie = until(page, "Set-Cookie: ").getLast().replaceAll("Set-Cookie: ([^;]*).*", "Cookie: $1\r\n");
        until(follow("/out", cookie), "HTTP/1.1 200");
        streams.tick();

        until(page, "event:over");
        assertThat(streams.count()).isZero();
    }

    @Test
    void anOldOneIsBegunAgainSoThatItsSessionLives() {
        BufferedReader page = followed("/of/anna", 0);
        CLOCK.advance(Streams.LIFE.plusSeconds(1));
        streams.tick();

        until(page, "event:over");
        assertThat(streams.count()).isZero();
    }

    @Test
    void whatCannotBeReadEndsThoseWhoFollowIt() {
        BufferedReader page = followed("/of/anna", 0);
        SHOWN.set(Optional.empty());
        streams.tick();

        until(page, "event:over");
        assertThat(streams.count()).isZero();
    }
}
