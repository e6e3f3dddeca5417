package dev.switchman.topology;

import java.util.Optional;

/** A quick look at one server, while clients wait: what decides whether it may be opened, or is closed. */
public sealed interface Glance {

    /** @param replication empty when no source is configured */
    record Seen(WriteMode writeMode, boolean offline, GtidSet executed, Optional<ReplicaState> replication)
            implements
                Glance {

        /** @return whether clients can write there */
        public boolean writable() {
            return writeMode == WriteMode.WRITABLE && !offline;
        }
    }

    record Unseen(Failure failure) implements Glance {}

    /** @return as much of a full look */
    static Glance of(Observation look) {
        return switch (look) {
            case Observation.Seen seen -> new Seen(seen.server().writeMode(), seen.server().offline(),
                    seen.server().executed(), seen.server().replication());
            case Observation.Unseen unseen -> new Unseen(unseen.failure());
        };
    }
}
