package dev.switchman.app;

import java.util.concurrent.atomic.AtomicBoolean;

import org.springframework.context.SmartLifecycle;

import dev.switchman.monitor.Claims;
import dev.switchman.monitor.Watch;

/**
 * Starts the watch last and stops it first: it must find everything that may follow from a verdict. The locks are taken
 * with it.
 */
final class WatchPhase implements SmartLifecycle {

    private final Watch watch;
    private final Claims claims;
    private final AtomicBoolean running = new AtomicBoolean();

    WatchPhase(Watch watch, Claims claims) {
        this.watch = watch;
        this.claims = claims;
    }

    @Override
    public void start() {
        claims.start();
        watch.start();
        running.set(true);
    }

    @Override
    public void stop() {
        running.set(false);
        watch.close();
        claims.close();
    }

    @Override
    public boolean isRunning() {
        return running.get();
    }

    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
