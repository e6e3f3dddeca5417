package dev.switchman.runbook.step;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.springframework.stereotype.Component;

import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunId;
import dev.switchman.topology.GtidSet;

/**
 * What this process knows of the switchovers that it began itself. A run that it did not begin was interrupted: unless its
 * candidate is open, it is rolled back, and nothing that was read before counts.
 */
@Component
final class Handover {

    private final Set<RunId> begun = ConcurrentHashMap.newKeySet();
    private final Map<RunId, Section> sections = new ConcurrentHashMap<>();

    /** @param closing when the old primary began to refuse writes @param matched what it had executed then */
    record Section(Instant closing, GtidSet matched) {}

    void begun(Run run) {
        begun.add(run.id());
    }

    boolean interrupted(Run run) {
        return !begun.contains(run.id());
    }

    void closing(Run run, Instant at) {
        sections.put(run.id(), new Section(at, GtidSet.empty()));
    }

    void matched(Run run, GtidSet executed) {
        sections.put(run.id(), new Section(section(run).closing(), executed));
    }

    /** @throws IllegalStateException when the old primary was not closed by this process */
    Section section(Run run) {
        Section section = sections.get(run.id());
        if (section == null) {
            throw new IllegalStateException("run " + run.id() + " has not closed its old primary in this process");
        }
        return section;
    }

    /** Forgets the run; its next step that acts counts as interrupted. */
    void ended(Run run) {
        begun.remove(run.id());
        sections.remove(run.id());
    }
}
