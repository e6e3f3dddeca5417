package dev.switchman.verdict;

import dev.switchman.topology.GtidSet;
import dev.switchman.topology.ServerState;

/**
 * What keeps a server from following the primary as it is.
 *
 * @param errant transactions that the server holds, executed or received, and the primary has not executed
 * @param gap transactions that the server lacks and the primary has purged from its binary logs: error 1236
 */
public record Rejoin(GtidSet errant, GtidSet gap) {

    /**
     * Compares what the two hold. Under load a primary that was read earlier than the server lacks what the server got from it
     * meanwhile: read the primary last.
     */
    public static Rejoin of(ServerState server, ServerState primary) {
        return new Rejoin(server.reachable().minus(primary.executed()), primary.purged().minus(server.reachable()));
    }

    /**
     * @param primary the primary that the server was compared with
     * @return whether nothing stands against it that a later look at the primary could not take away: its own transactions that
     *         the server has got meanwhile do not count
     */
    public boolean mayFit(ServerState primary) {
        return Errant.foreign(errant, primary.serverUuid()).isEmpty() && gap.isEmpty();
    }

    /** @return what both looks have met: what only one has met was on its way */
    public Rejoin confirmedBy(Rejoin later) {
        return new Rejoin(errant.intersect(later.errant), later.gap);
    }

    /** @return whether nothing stands against it */
    public boolean fits() {
        return errant.isEmpty() && gap.isEmpty();
    }
}
