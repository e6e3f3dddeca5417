package dev.switchman.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.Period;
import java.time.ZoneId;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

import dev.switchman.audit.Journal;
import dev.switchman.audit.Purged;
import dev.switchman.config.ServerSettings;

/**
 * Purges what the journal need not keep any longer, at night as the engine does with its history, and tells the journal's head to
 * the log and to a file, for somebody else to keep. Gives way to every run.
 */
final class JournalUpkeep implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(JournalUpkeep.class);

    /** Of the server's time; the engine's own are in {@code server.yaml}. */
    private static final LocalTime FROM = LocalTime.of(2, 0);
    private static final LocalTime UNTIL = LocalTime.of(5, 0);
    private static final Duration EVERY = Duration.ofMinutes(1);
    /** A pass holds up whoever writes to the journal for some ten milliseconds. */
    private static final int RUNS_IN_A_PASS = 20;
    private static final int PASSES = 100;

    private final Journal journal;
    private final BooleanSupplier busy;
    private final ServerSettings.Audit settings;
    private final Clock clock;
    private final ZoneId zone;
    private final AtomicBoolean running = new AtomicBoolean();
    private final ScheduledExecutorService timer = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().name("journal-upkeep").daemon().factory());
    private Optional<LocalDate> written = Optional.empty();
    private String lastTrouble = "";

    /** @param busy whether a run is at work, and not waiting for a person @param zone of the server */
    JournalUpkeep(Journal journal, BooleanSupplier busy, ServerSettings.Audit settings, Clock clock, ZoneId zone) {
        this.journal = journal;
        this.busy = busy;
        this.settings = settings;
        this.clock = clock;
        this.zone = zone;
    }

    @Override
    public void start() {
        running.set(true);
        timer.scheduleWithFixedDelay(this::tick, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** What is due now. Trouble is told once, and what is due is tried again at the next tick. */
    synchronized void tick() {
        try {
            if (settings.keep().isPresent() && night()) {
                Optional<Purged> purged = purge(settings.keep().get());
                if (purged.isPresent()) {
                    append(told(purged.get()));
                }
            }
            LocalDate today = LocalDate.ofInstant(clock.instant(), zone);
            if (!written.equals(Optional.of(today))) {
                append("");
                written = Optional.of(today);
            }
            lastTrouble = "";
        } catch (RuntimeException | IOException e) {
            String trouble = e.toString();
            if (!trouble.equals(lastTrouble)) {
                LOG.error("the upkeep of the journal failed; it is tried again every {} s", EVERY.toSeconds(), e);
                lastTrouble = trouble;
            }
        }
    }

    private boolean night() {
        LocalTime now = LocalTime.ofInstant(clock.instant(), zone);
        return !now.isBefore(FROM) && now.isBefore(UNTIL);
    }

    /** @return what is gone in all, if anything went now */
    private Optional<Purged> purge(Period keep) {
        Instant before = clock.instant().atZone(zone).minus(keep).toInstant();
        String policy = "audit.keep=" + (keep.getYears() > 0 ? keep.getYears() + "y" : keep.getDays() + "d");
        Optional<Purged> purged = Optional.empty();
        for (int pass = 0; pass < PASSES && !busy.getAsBoolean(); pass++) {
            Optional<Purged> now = journal.purge(policy, before, RUNS_IN_A_PASS);
            if (now.isEmpty()) {
                break;
            }
            purged = now;
        }
        return purged;
    }

    private static String told(Purged purged) {
        return " purged until now " + purged.lines() + " lines of " + purged.runs() + " runs, the last of "
                + purged.last() + ", under " + purged.policy() + "; head before the first that is kept "
                + purged.before();
    }

    private void append(String more) throws IOException {
        String head = journal.head();
        LOG.info("the journal's head is {}{}", head, more);
        if (settings.headFile().isPresent()) {
            Files.writeString(settings.headFile().get(), clock.instant() + " " + head + more + "\n",
                    StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }

    @Override
    public void stop() {
        running.set(false);
        timer.shutdownNow();
    }

    @Override
    public boolean isRunning() {
        return running.get();
    }
}
