package dev.switchman.mysql;

import java.util.Map;

import dev.switchman.topology.Failure;

/** What was seen of a server's named locks. */
public sealed interface LockLook {

    /** @param locks state by name */
    record Seen(Map<String, State> locks) implements LockLook {

        public Seen {
            locks = Map.copyOf(locks);
        }

        /** @return the state of one of the locks that were asked for */
        public State of(String name) {
            State state = locks.get(name);
            if (state == null) {
                throw new IllegalArgumentException("lock " + name + " was not looked at, only " + locks.keySet());
            }
            return state;
        }
    }

    record Unseen(Failure failure) implements LockLook {}

    /** One lock. */
    sealed interface State {

        record Free() implements State {}

        record Ours() implements State {}

        /** @param holder connection, user and host, for people; the connection alone where the server does not tell more */
        record Theirs(String holder) implements State {}
    }
}
