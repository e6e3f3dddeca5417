package dev.switchman.app;

import java.util.concurrent.atomic.AtomicBoolean;

import org.springframework.context.SmartLifecycle;

import dev.switchman.monitor.Watch;

/** Starts the watch last and stops it first: it must find everything that may follow from a verdict. */
final class WatchPhase implements SmartLifecycle {

    private final Watch watch;
    private final AtomicBoolean running = new AtomicBoolean();

    WatchPhase(Watch watch) {
        this.watch = watch;
    }

    @Override
    public void start() {
        watch.start();
        running.set(true);
    }

    @Override
    public void stop() {
        running.set(false);
        watch.close();
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
