package dev.switchman.api;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.security.core.AuthenticationException;

/**
 * Slows guessing down: from the third wrong password in a row on, the same name from the same address waits 1, 2, 4 … up
 * to 60 seconds, the right password too. Nobody is locked out for good, nor from another address, and the local token
 * does not come by here.
 */
final class Brake {

    private static final int FREE = 2;
    private static final Duration LONGEST = Duration.ofSeconds(60);
    /** More would let a guesser fill the memory; the oldest is let go, which costs him as many requests. */
    private static final int REMEMBERED = 10_000;

    private final Clock clock;
    private final Map<Who, Failures> failures = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Who, Failures> eldest) {
            return size() > REMEMBERED;
        }
    };

    Brake(Clock clock) {
        this.clock = clock;
    }

    /** @throws TooManyTries when it is too early for another try */
    synchronized void check(String address, String name) {
        Failures before = failures.get(new Who(address, name));
        Instant now = clock.instant();
        if (before != null && now.isBefore(before.until)) {
            throw new TooManyTries(Duration.between(now, before.until));
        }
    }

    synchronized void failed(String address, String name) {
        Who who = new Who(address, name);
        @Nullable
        Failures before = failures.remove(who);
        int count = before == null ? 1 : before.count + 1;
        Duration wait = count <= FREE
                ? Duration.ZERO
                : Duration.ofSeconds(Math.min(LONGEST.toSeconds(), 1L << Math.min(count - FREE - 1, 10)));
        failures.put(who, new Failures(count, clock.instant().plus(wait)));
    }

    synchronized void succeeded(String address, String name) {
        failures.remove(new Who(address, name));
    }

    private record Who(String address, String name) {}

    private record Failures(int count, Instant until) {}

    /** Too early for another try. */
    static final class TooManyTries extends AuthenticationException {

        private static final long serialVersionUID = 1L;

        private final Duration wait;

        TooManyTries(Duration wait) {
            super("too many wrong passwords for this name from this address; try again in "
                    + (wait.toMillis() + 999) / 1000 + " s");
            this.wait = wait;
        }

        long seconds() {
            return (wait.toMillis() + 999) / 1000;
        }
    }
}
