package dev.switchman.web;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import jakarta.servlet.http.HttpSession;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

import dev.switchman.runbook.People;

/**
 * Tells open pages that what they show has changed: a stream of server-sent events for each, and never what has changed, which the
 * page asks for as ever. What many look at is looked at once in each {@link #BEAT}, and what nobody looks at never; so changes that
 * another manager has made in the same store are told too. A stream costs no thread. It ends with its session, when its person
 * is removed or has another password, after {@link #LIFE} (the page begins another one, so that a session lives as long as
 * somebody looks), and when the server stops.
 *
 * <p>Events: {@code changed}; {@code seen}, the time of the last look at each cluster by its name; {@code over}, the page is to
 * ask who it is; a comment where there was nothing to say for {@link #HEARTBEAT}, which shows a page that is gone.
 */
@Component
class Streams implements SmartLifecycle {

    /** Of one person: what is beyond that asks every two seconds instead. */
    static final int MOST = 20;
    static final Duration BEAT = Duration.ofMillis(500);
    static final Duration HEARTBEAT = Duration.ofSeconds(5);
    static final Duration LIFE = Duration.ofMinutes(10);
    /** The watch looks more often than people do. */
    private static final Duration BETWEEN_SEEN = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(Streams.class);

    private final People people;
    private final ObjectMapper json;
    private final Clock clock;
    private final Map<String, Part> parts = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().name("pages").daemon().factory());
    private volatile boolean running;

    Streams(People people, ObjectMapper json, Clock clock) {
        this.people = people;
        this.json = json;
        this.clock = clock;
    }

    /**
     * What a part of a page shows.
     *
     * @param content equal as long as nothing has changed
     * @param seen time of the last look at each cluster, as it is written there, by the cluster's name
     */
    record Shown(Object content, Map<String, String> seen) {

        Shown {
            seen = Map.copyOf(seen);
        }
    }

    /** Something that pages show, and those that do. */
    private static final class Part {

        private final Supplier<Shown> look;
        private final Set<Stream> streams = ConcurrentHashMap.newKeySet();
        private Shown last;
        private Instant seenAt;

        private Part(Supplier<Shown> look, Instant now) {
            this.look = look;
            this.last = look.get();
            this.seenAt = now;
        }
    }

    /**
     * @param part names what the page shows
     * @param look reads it; what it throws ends the streams of this part
     * @throws NoSuchPage when this person has too many, or the server stops: the page asks by itself then
     */
    synchronized SseEmitter open(String part, Supplier<Shown> look, Authentication who, HttpSession session) {
        if (!running) {
            throw NoSuchPage.notNow("The server stops.");
        }
        long others = parts.values()
                .stream()
                .flatMap(known -> known.streams.stream())
                .filter(stream -> stream.name().equals(who.getName()))
                .count();
        if (others >= MOST) {
            throw NoSuchPage
                    .tooMany(who.getName() + " has " + others + " open pages that are told of changes already.");
        }
        Instant now = clock.instant();
        Stream stream = new Stream(who, session, now, task -> Thread.ofVirtual().name("page").start(task));
        parts.compute(part, (any, known) -> {
            Part shown = known == null ? new Part(look, now) : known;
            shown.streams.add(stream);
            return shown;
        });
        stream.emitter().onCompletion(() -> forget(part, stream));
        stream.emitter().onError(gone -> forget(part, stream));
        stream.begin();
        return stream.emitter();
    }

    private void forget(String part, Stream stream) {
        parts.computeIfPresent(part, (any, known) -> {
            known.streams.remove(stream);
            return known.streams.isEmpty() ? null : known;
        });
    }

    /** @return how many pages are told of changes */
    int count() {
        return parts.values().stream().mapToInt(part -> part.streams.size()).sum();
    }

    /** Looks at all that is looked at, once. */
    void tick() {
        Instant now = clock.instant();
        parts.forEach((name, part) -> tick(name, part, now));
    }

    private void tick(String name, Part part, Instant now) {
        for (Stream stream : part.streams) {
            if (stream.olderThan(LIFE, now) || stream.loggedOut(people, now)) {
                forget(name, stream);
                stream.end(now);
            } else if (stream.stuck(now)) {
                forget(name, stream);
                stream.emitter().completeWithError(new IllegalStateException("it takes nothing"));
            }
        }
        Shown shown;
        try {
            shown = part.look.get();
        } catch (RuntimeException fault) {
            LOG.warn("what pages show of {} cannot be read: they ask by themselves", name, fault);
            part.streams.forEach(stream -> stream.end(now));
            parts.remove(name);
            return;
        }
        boolean changed = !shown.content().equals(part.last.content());
        boolean told = changed || !shown.seen().equals(part.last.seen())
                && Duration.between(part.seenAt, now).compareTo(BETWEEN_SEEN) >= 0;
        Optional<String> looks = told && !shown.seen().isEmpty()
                ? Optional.of(written(shown.seen()))
                : Optional.empty();
        if (told) {
            part.last = shown;
            part.seenAt = now;
        }
        part.streams.forEach(stream -> stream.tell(changed, looks, now));
    }

    private String written(Map<String, String> looks) {
        try {
            return json.writeValueAsString(looks);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts that are no JSON: " + looks, e);
        }
    }

    @Override
    public void start() {
        begin();
        timer.scheduleAtFixedRate(this::tickSafely, BEAT.toMillis(), BEAT.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** From now on pages may follow; whoever calls this and not {@link #start} ticks by hand. */
    final void begin() {
        running = true;
    }

    /** What is thrown to the timer would end it without a word. */
    private void tickSafely() {
        try {
            tick();
        } catch (RuntimeException fault) {
            LOG.error("open pages were not told of changes", fault);
        }
    }

    /** Before the web server, which would wait for them. */
    @Override
    public void stop() {
        synchronized (this) {
            running = false;
        }
        timer.shutdown();
        parts.values().forEach(part -> part.streams.forEach(stream -> stream.emitter().complete()));
        parts.clear();
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
