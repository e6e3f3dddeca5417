package dev.switchman.engine;

import java.time.Clock;

import org.springframework.stereotype.Component;

import dev.switchman.audit.Journal;

/** What every step's delegate needs. */
@Component
record StepRoom(OpenRuns openRuns, Journal journal, KnownClusters clusters, Lanes lanes, Clock clock) {}
