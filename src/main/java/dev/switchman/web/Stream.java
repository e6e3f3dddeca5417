package dev.switchman.web;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executor;

import jakarta.servlet.http.HttpSession;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.core.Authentication;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter.SseEventBuilder;

import dev.switchman.runbook.People;

/** The events of one open page. What it cannot take at once is put together: the next event says all. */
final class Stream {

    private static final Logger LOG = LoggerFactory.getLogger(Stream.class);
    /** Whoever takes nothing for so long is gone. */
    private static final Duration STUCK = Duration.ofSeconds(30);

    private final Authentication who;
    private final HttpSession session;
    private final Executor aside;
    private final Instant opened;
    private final SseEmitter emitter = new SseEmitter(0L);
    private Instant told;
    private Instant looked;
    private boolean sending;
    private boolean changed;
    private boolean quiet;
    private boolean over;
    private boolean saidOver;
    private Optional<String> seen = Optional.empty();

    /** @param aside runs what may wait for a slow reader */
    Stream(Authentication who, HttpSession session, Instant now, Executor aside) {
        this.who = who;
        this.session = session;
        this.aside = aside;
        this.opened = now;
        this.told = now;
        this.looked = now;
    }

    SseEmitter emitter() {
        return emitter;
    }

    /** Says a first word: without one a browser does not know that it is heard. */
    synchronized void begin() {
        quiet = true;
        send(opened);
    }

    String name() {
        return who.getName();
    }

    boolean olderThan(Duration age, Instant now) {
        return Duration.between(opened, now).compareTo(age) > 0;
    }

    /** @return whether its session has ended, or its person was removed or has another password since */
    boolean loggedOut(People people, Instant now) {
        try {
            session.getCreationTime();
        } catch (IllegalStateException ended) {
            return true;
        }
        if (!(who.getDetails() instanceof Instant loggedIn)
                || Duration.between(looked, now).compareTo(Streams.HEARTBEAT) < 0) {
            return false;
        }
        looked = now;
        return people.stillIn(name(), loggedIn).isEmpty();
    }

    synchronized boolean stuck(Instant now) {
        return sending && Duration.between(told, now).compareTo(STUCK) > 0;
    }

    /** @param change whether the page is to ask for its live part @param looks JSON of {@code seen}, when that is to be told */
    synchronized void tell(boolean change, Optional<String> looks, Instant now) {
        changed |= change;
        seen = looks.or(() -> seen);
        quiet |= Duration.between(told, now).compareTo(Streams.HEARTBEAT) >= 0;
        send(now);
    }

    /** The page is told that it is over, and asks for itself. */
    synchronized void end(Instant now) {
        over = true;
        send(now);
    }

    private synchronized void send(Instant now) {
        if (!sending && (changed || quiet || over || seen.isPresent())) {
            sending = true;
            told = now;
            aside.execute(this::sendAll);
        }
    }

    private void sendAll() {
        try {
            for (Optional<SseEventBuilder> event = next(); event.isPresent(); event = next()) {
                emitter.send(event.get());
            }
            if (ended()) {
                emitter.complete();
            }
        } catch (IOException | IllegalStateException gone) {
            LOG.debug("a page of {} is gone: {}", name(), gone.toString());
            emitter.completeWithError(gone);
        }
    }

    private synchronized boolean ended() {
        return over;
    }

    /** @return what is to be said now; empty when that was all */
    private synchronized Optional<SseEventBuilder> next() {
        if (over) {
            boolean said = saidOver;
            saidOver = true;
            return said ? Optional.empty() : Optional.of(SseEmitter.event().name("over").data("now"));
        }
        if (changed) {
            changed = false;
            quiet = false;
            return Optional.of(SseEmitter.event().name("changed").data("now"));
        }
        if (seen.isPresent()) {
            String looks = seen.get();
            seen = Optional.empty();
            quiet = false;
            return Optional.of(SseEmitter.event().name("seen").data(looks));
        }
        if (quiet) {
            quiet = false;
            return Optional.of(SseEmitter.event().comment("still here"));
        }
        sending = false;
        return Optional.empty();
    }
}
