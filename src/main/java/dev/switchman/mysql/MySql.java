package dev.switchman.mysql;

import java.time.Clock;

import dev.switchman.topology.Action;

/** Makes what looks at, and what changes, MySQL servers. */
public final class MySql {

    private MySql() {}

    /** @return a reader with connections of its own; close it at the end */
    public static NodeReader reader(Clock clock) {
        return new SqlReader(clock);
    }

    /** @return locks with connections of their own; close it at the end */
    public static NodeLocks locks() {
        return new SqlLocks();
    }

    /**
     * @param listener told of each statement, secrets masked
     * @return an operator with connections of its own; close it at the end
     */
    public static NodeOperator operator(Clock clock, Action.Listener listener) {
        return new SqlOperator(listener);
    }
}
