package dev.switchman.verdict;

import dev.switchman.topology.HostView;
import dev.switchman.topology.PeerView;
import dev.switchman.topology.PortProbe;
import dev.switchman.topology.Suspicion;
import dev.switchman.topology.WitnessView;

/** Whether those who were asked about a silent primary agree. */
public final class Witnesses {

    private Witnesses() {}

    /**
     * @return true when nobody who answered has a sign of life from the primary, and at least one other than ourselves
     *         has answered: its own host, a replica, or a witness host. Who could not answer abstains.
     */
    public static boolean unanimous(Suspicion suspicion) {
        boolean hostSaysDead = suspicion.host() instanceof HostView.Seen seen && !seen.mysqld();
        boolean anybody = hostSaysDead;
        for (PeerView peer : suspicion.peers()) {
            if (peer.probe() instanceof PortProbe.Greeted
                    || !hostSaysDead && peer.progress() == PeerView.Hearing.HEARS) {
                return false;
            }
            anybody |= peer.progress() == PeerView.Hearing.LOST || !(peer.probe() instanceof PortProbe.Abstained);
        }
        for (WitnessView witness : suspicion.witnesses()) {
            if (witness.probe() instanceof PortProbe.Greeted) {
                return false;
            }
            anybody |= !(witness.probe() instanceof PortProbe.Abstained);
        }
        return anybody;
    }
}
