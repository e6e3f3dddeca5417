package dev.switchman.runbook.step;

import java.time.Instant;
import java.util.Optional;

import org.springframework.stereotype.Component;

import dev.switchman.memory.ClusterMemory;
import dev.switchman.mysql.NodeReader;
import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Remark;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.topology.Copying;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.ServerState;
import dev.switchman.verdict.Rejoin;

/** Looks at the server that is to be a replica again, and at the primary that it is to follow. */
@Component
final class RejoinCheck {

    /** The check that a person takes upon himself to have an older server follow a newer one. */
    private static final String VERSION_ORDER = "version-order";
    /** What is met in one look only was on its way: a primary that waits for acknowledgements has not executed it yet. */
    private static final int LOOKS = 3;

    private final Servers servers;
    private final NodeReader reader;
    private final ClusterMemory memory;
    private final PastLife past;

    RejoinCheck(Servers servers, NodeReader reader, ClusterMemory memory, PastLife past) {
        this.servers = servers;
        this.reader = reader;
        this.memory = memory;
        this.past = past;
    }

    sealed interface Answer {

        /** @param at when the server was seen @param source the primary, seen after it */
        record Fit(Node primary, Instant at, ServerState server, ServerState source) implements Answer {}

        record No(Outcome.Refused refused) implements Answer {}
    }

    /** @return the primary, if one is known that is another server and is not in quarantine itself */
    Optional<Node> primary(Run run) {
        Optional<NodeId> known = memory.knownPrimary(run.cluster().name());
        return known.filter(id -> !id.equals(run.oldPrimary().id()))
                .filter(id -> !memory.quarantined(run.cluster().name()).containsKey(id))
                .flatMap(run.cluster()::find);
    }

    /** Both are there, and the other one is the primary and accepts writes. Compares nothing. */
    Answer both(Run run) {
        Node node = run.oldPrimary();
        Optional<Node> primary = primary(run);
        if (primary.isEmpty()) {
            return no(RunbookError.PRIMARY_LOST, "no other server is known as the primary of cluster "
                    + run.cluster().name());
        }
        Observation look = servers.observe(node, Servers.look(run.limits()));
        if (!(look instanceof Observation.Seen seen)) {
            return no(RunbookError.SERVER_UNREACHABLE, node + " "
                    + ((Observation.Unseen) look).failure().sentence());
        }
        // After the other one: what that has got from it meanwhile is then no surplus.
        Observation source = servers.observe(primary.get(), Servers.look(run.limits()));
        if (!(source instanceof Observation.Seen writer)) {
            return no(RunbookError.PRIMARY_LOST, "the primary " + primary.get() + " "
                    + ((Observation.Unseen) source).failure().sentence());
        }
        if (!Servers.writable(writer.server())) {
            return no(RunbookError.PRIMARY_LOST, "the primary " + primary.get() + " is "
                    + Servers.words(writer.server().writeMode()));
        }
        return new Answer.Fit(primary.get(), seen.at(), seen.server(), writer.server());
    }

    /**
     * A server whose copy broke off may be empty, whatever its sets say; one that is being replaced by a copy is left alone, as
     * closing it would break the copy.
     *
     * @return why its data cannot be compared; empty when it can
     */
    Optional<Outcome.Refused> copying(Run run) {
        Node node = run.oldPrimary();
        return switch (reader.copying(node, Servers.look(run.limits()))) {
            case Copying.None none -> Optional.empty();
            case Copying.Completed done -> Optional.empty();
            case Copying.Failed failure -> Optional.of(new Outcome.Refused(RunbookError.NEEDS_REBUILD,
                    node + " may have lost its data: " + failure.sentence()));
            case Copying.UnderWay way -> Optional.of(new Outcome.Refused(RunbookError.PREFLIGHT_BLOCKED,
                    node + " is becoming a copy of another server (" + way.sentence()
                            + "): let it rejoin once that has ended"));
            case Copying.Unseen(String why) -> Optional.of(new Outcome.Refused(RunbookError.SERVER_UNREACHABLE,
                    node + " did not tell whether a copy is under way: " + why));
        };
    }

    /** Compares the two, again where they differ, and asks whether the server's data is what it says. */
    Answer compare(Run run) {
        Optional<Outcome.Refused> copying = copying(run);
        return copying.isPresent() ? new Answer.No(copying.get()) : compareSets(run);
    }

    private Answer compareSets(Run run) {
        return switch (looks(run)) {
            case Looks.Compared(Answer.Fit fit, Rejoin found) ->
                found.fits() ? trusted(run, fit) : unfit(run, fit, found);
            case Looks.Not(Answer.No no) -> no;
        };
    }

    /** @return what the server holds and the primary does not; empty when they cannot be compared */
    Optional<GtidSet> errant(Run run) {
        return looks(run) instanceof Looks.Compared compared
                ? Optional.of(compared.found().errant())
                : Optional.empty();
    }

    private sealed interface Looks {

        record Compared(Answer.Fit last, Rejoin found) implements Looks {}

        record Not(Answer.No no) implements Looks {}
    }

    private Looks looks(Run run) {
        Optional<Rejoin> before = Optional.empty();
        for (int look = 1;; look++) {
            switch (both(run)) {
                case Answer.No no -> {
                    return new Looks.Not(no);
                }
                case Answer.Fit fit -> {
                    Rejoin now = Rejoin.of(fit.server(), fit.source());
                    Rejoin found = before.map(earlier -> earlier.confirmedBy(now)).orElse(now);
                    if (found.fits() || look == LOOKS) {
                        return new Looks.Compared(fit, found);
                    }
                    before = Optional.of(found);
                }
            }
        }
    }

    /** @return why its version keeps the server from following the primary; empty when it does not, or a person has said so */
    static Optional<String> tooOld(Run run, ServerState server, Node primary, ServerState source) {
        return server.version().mayFollow(source.version()) || run.overrides().contains(VERSION_ORDER)
                ? Optional.empty()
                : Optional.of(run.oldPrimary() + " is MySQL " + server.version() + ", which could not follow " + primary
                        + " with " + source.version() + ": upgrade it (or override " + VERSION_ORDER + ")");
    }

    private Answer unfit(Run run, Answer.Fit fit, Rejoin found) {
        if (found.errant().isEmpty()) {
            return no(RunbookError.NEEDS_REBUILD, run.oldPrimary() + " lacks " + found.gap().count()
                    + " transactions that " + fit.primary() + " has purged from its binary logs: " + found.gap());
        }
        String held = held(run, found.errant());
        run.note(Remark.ERRANT, held);
        return no(RunbookError.NEEDS_REBUILD, held);
    }

    /** In words. */
    String held(Run run, GtidSet errant) {
        return run.oldPrimary() + " holds " + errant.count() + " transactions that the primary"
                + primary(run).map(primary -> " " + primary).orElse("") + " does not: " + errant;
    }

    private Answer trusted(Run run, Answer.Fit fit) {
        // One that follows already was trusted before.
        Optional<String> doubt = Servers.follows(fit.server(), fit.primary().id())
                ? Optional.empty()
                : past.doubt(run, run.oldPrimary(), fit.at(), fit.server());
        return tooOld(run, fit.server(), fit.primary(), fit.source()).or(() -> doubt)
                .map(why -> no(RunbookError.NEEDS_REBUILD, why))
                .orElse(fit);
    }

    private static Answer no(RunbookError error, String why) {
        return new Answer.No(new Outcome.Refused(error, why));
    }
}
