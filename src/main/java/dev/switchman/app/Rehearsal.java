package dev.switchman.app;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.Marker;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.env.MapPropertySource;

import dev.switchman.audit.Journal;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.monitor.Watch;
import dev.switchman.rehearsal.Stage;
import dev.switchman.runbook.Ending;
import dev.switchman.runbook.Runbook;
import dev.switchman.runbook.Runbooks;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.verdict.Verdict;

/**
 * Plays failovers and switchovers on servers made of memory, in the background right after the start, so that the first real one meets
 * classes that are loaded and code that is compiled. Ends as soon as a real primary is suspected, or a real run goes on.
 * A rehearsal that fails is one line in the log.
 */
final class Rehearsal implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);
    private static final ClusterName CLUSTER = new ClusterName(Stage.NAME);
    private static final String EARLY = "; ended early, because there is real work";
    private static final int HAND_OVER_EVERY = 4;
    private static final Duration BEAT = Duration.ofMillis(20);
    private static final Duration ALL = Duration.ofSeconds(45);
    private static final Duration END = Duration.ofSeconds(15);

    /** How much is played. @param each what one part of a failover may take before the rehearsal is given up */
    record Extent(int least, int most, Duration each) {}

    private final ConfigurableApplicationContext real;
    private final List<Cluster> clusters;
    private final Extent extent;
    private final Consumer<ListableBeanFactory> furnished;
    private final Sleep pause = new Sleep();
    private final Thread thread;
    private volatile boolean stopped;

    Rehearsal(ConfigurableApplicationContext real, List<Cluster> clusters) {
        this(real, clusters, new Extent(20, 40, Duration.ofSeconds(60)), room -> {});
    }

    /** @param furnished is shown the room before anything is played in it */
    Rehearsal(ConfigurableApplicationContext real, List<Cluster> clusters, Extent extent,
            Consumer<ListableBeanFactory> furnished) {
        this.real = real;
        this.clusters = List.copyOf(clusters);
        this.extent = extent;
        this.furnished = furnished;
        this.thread = Thread.ofPlatform()
                .name("rehearsal")
                .daemon()
                .priority(Thread.MIN_PRIORITY)
                .unstarted(this::run);
    }

    /** Starts in the background and returns at once. */
    void start() {
        real.addApplicationListener(event -> {
            if (event instanceof ContextClosedEvent) {
                stopped = true;
            }
        });
        thread.start();
    }

    /** Rehearses on this thread. */
    void run() {
        long begun = System.nanoTime();
        Quiet quiet = Quiet.install();
        try (quiet) {
            Outcome outcome;
            try (var cluster = MDC.putCloseable("cluster", Stage.NAME); var room = room()) {
                furnished.accept(room);
                outcome = play(room, begun);
            }
            int looks = real.getBean(WarmDoors.class).practise(this::giveWay);
            tidy();
            LOG.info("rehearsed {} failovers and {} switchovers in {} ms{}; {} looks at servers", outcome.played(),
                    outcome.handedOver(), millis(begun), outcome.words(), looks);
        } catch (RuntimeException | LinkageError e) {
            if (!stopped) {
                LOG.warn("the rehearsal of a failover ended after {} ms, and harms nothing: {}", millis(begun),
                        root(e).toString());
            }
        }
    }

    /** What the start and the rehearsal left behind goes now, and not in the middle of a failover: that takes 0.3 s. */
    private void tidy() {
        if (!giveWay()) {
            System.gc();
        }
    }

    private static Throwable root(Throwable thrown) {
        Throwable cause = thrown.getCause();
        return cause == null || cause.equals(thrown) ? thrown : root(cause);
    }

    private record Outcome(int played, int handedOver, String words) {}

    private AnnotationConfigApplicationContext room() {
        AnnotationConfigApplicationContext room = new AnnotationConfigApplicationContext();
        real.getEnvironment().getPropertySources().forEach(room.getEnvironment().getPropertySources()::addLast);
        room.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource("rehearsal", Map.of(
                        "switchman.store.url", "jdbc:h2:mem:rehearsal-" + UUID.randomUUID() + ";QUERY_CACHE_SIZE=1024",
                        "switchman.hidden-engine", "true",
                        "camunda.bpm.process-engine-name", "rehearsal")));
        room.getBeanFactory().setConversionService(ApplicationConversionService.getSharedInstance());
        room.register(RehearsalRoom.class);
        boolean up = false;
        try {
            room.refresh();
            up = true;
            return room;
        } finally {
            if (!up) {
                room.close();
            }
        }
    }

    private Outcome play(AnnotationConfigApplicationContext room, long begun) {
        Stage stage = room.getBean(Stage.class);
        int played = 0;
        long best = Long.MAX_VALUE;
        long last = 0;
        int noBetter = 0;
        int handedOver = 0;
        while (played < extent.most && millis(begun) < ALL.toMillis() && (played < extent.least || noBetter < 5)) {
            Optional<Long> took = once(room, stage);
            if (took.isEmpty()) {
                return new Outcome(played, handedOver, EARLY);
            }
            played++;
            // A failover is what comes unasked: it is played first, and more often.
            if (played % HAND_OVER_EVERY == 0 && played <= extent.least) {
                if (!switchover(room, stage)) {
                    return new Outcome(played, handedOver, EARLY);
                }
                handedOver++;
            }
            last = took.get();
            noBetter = last * 10 < best * 9 ? 0 : noBetter + 1;
            best = Math.min(best, last);
        }
        return new Outcome(played, handedOver, "; the last took " + last + " ms, the fastest " + best + " ms");
    }

    /** @return milliseconds from the crash to the end of the run; empty when it had to give way */
    private Optional<Long> once(AnnotationConfigApplicationContext room, Stage stage) {
        if (!begin(room, stage)) {
            return Optional.empty();
        }
        int before = runs(room);
        long crash = System.nanoTime();
        stage.crash();
        return end(room, before, "failover") ? Optional.of(millis(crash)) : Optional.empty();
    }

    /** @return false when it had to give way */
    private boolean switchover(AnnotationConfigApplicationContext room, Stage stage) {
        if (!begin(room, stage)) {
            return false;
        }
        int before = runs(room);
        Runbooks.Started started = room.getBean(Runbooks.class)
                .start(new Runbooks.Request(Runbook.SWITCHOVER, CLUSTER, "rehearsal", "a rehearsal", Map.of()));
        if (!(started instanceof Runbooks.Started.Yes)) {
            throw new IllegalStateException("a rehearsed switchover was not started: " + started);
        }
        return end(room, before, "switchover");
    }

    /** Puts everything back. @return false when there is real work */
    private boolean begin(AnnotationConfigApplicationContext room, Stage stage) {
        ClusterMemory memory = room.getBean(ClusterMemory.class);
        Watch watch = room.getBean(Watch.class);
        memory.quarantined(CLUSTER).keySet().forEach(node -> memory.release(CLUSTER, node));
        stage.begin();
        memory.rememberPrimary(CLUSTER, stage.firstPrimary());
        return until("the watch found its servers healthy", () -> stage.watched().getCount() == 0 && healthy(watch));
    }

    /** @return how many runs there were */
    private int runs(AnnotationConfigApplicationContext room) {
        return room.getBean(Journal.class).runs(Optional.of(CLUSTER), 2 * extent.most + 1).size();
    }

    /** Waits for the run that follows. @return false when there is real work */
    private boolean end(AnnotationConfigApplicationContext room, int before, String what) {
        Journal journal = room.getBean(Journal.class);
        if (!until("a " + what + " ended", () -> runs(room) > before
                && journal.runs(Optional.of(CLUSTER), 1).getFirst().endedAt().isPresent())) {
            return false;
        }
        Journal.RunRecord run = journal.runs(Optional.of(CLUSTER), 1).getFirst();
        if (!run.ending().equals(Optional.of(Ending.DONE.name()))) {
            throw new IllegalStateException("a rehearsed " + what + " ended with " + run.ending().orElse("nothing")
                    + ": " + run.report().orElse(""));
        }
        Runbooks runbooks = room.getBean(Runbooks.class);
        return until("the run was over", () -> runbooks.holder(CLUSTER).isEmpty());
    }

    private static boolean healthy(Watch watch) {
        return watch.sight(CLUSTER).filter(sight -> sight.verdict() instanceof Verdict.Healthy).isPresent();
    }

    /** @return false when there is real work, or the program stops */
    private boolean until(String what, BooleanSupplier done) {
        long begun = System.nanoTime();
        while (!done.getAsBoolean()) {
            if (giveWay()) {
                return false;
            }
            if (millis(begun) > extent.each.toMillis()) {
                throw new IllegalStateException("not within " + extent.each.toSeconds() + " s: " + what);
            }
            pause.of(BEAT);
        }
        return !giveWay();
    }

    private boolean giveWay() {
        if (stopped) {
            return true;
        }
        Watch watch = real.getBean(Watch.class);
        boolean suspicion = clusters.stream()
                .anyMatch(cluster -> watch.sight(cluster.name())
                        .filter(sight -> sight.snapshot().suspicion().isPresent())
                        .isPresent());
        return suspicion || !real.getBean(Runbooks.class).open().isEmpty();
    }

    private static long millis(long since) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
    }

    /** Waits for its end: it uses what the program is about to close. */
    @Override
    public void close() {
        stopped = true;
        try {
            thread.join(END);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Keeps what rehearsed steps log out of the log. */
    private static final class Quiet extends TurboFilter implements AutoCloseable {

        static Quiet install() {
            Quiet quiet = new Quiet();
            ILoggerFactory logs = LoggerFactory.getILoggerFactory();
            if (logs instanceof LoggerContext context) {
                context.addTurboFilter(quiet);
            }
            return quiet;
        }

        @Override
        public FilterReply decide(Marker marker, ch.qos.logback.classic.Logger logger, Level level, String format,
                Object[] arguments, Throwable thrown) {
            return Stage.NAME.equals(MDC.get("cluster")) ? FilterReply.DENY : FilterReply.NEUTRAL;
        }

        @Override
        public void close() {
            if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
                context.getTurboFilterList().remove(this);
            }
        }
    }
}
