package dev.switchman.engine;

import java.time.Clock;

import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;
import dev.switchman.runbook.Progress;

/** What every step's delegate needs. */
@Component
record StepRoom(OpenRuns openRuns, Journal journal, KnownClusters clusters, Lanes lanes, Clock clock,
        Progress progress) {}
