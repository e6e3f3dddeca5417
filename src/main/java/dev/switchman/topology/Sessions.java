package dev.switchman.topology;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What clients have under way on one server: whatever could hold up taking its write access. */
public sealed interface Sessions {

    /**
     * @param open transactions that are open, idle ones too, and statements that run
     * @param globalLock who holds a lock against all writes
     */
    record Seen(List<Open> open, GlobalLock globalLock) implements Sessions {

        public Seen {
            open = List.copyOf(open);
        }
    }

    record Unseen(String why) implements Sessions {}

    /**
     * A transaction or a statement of one connection.
     *
     * @param age since the transaction, or else the statement, began; whole seconds
     * @param statement what runs now, cut short; empty for a transaction that idles
     */
    record Open(long connection, String user, Duration age, Optional<String> statement) {

        /** @return one line for people */
        public String sentence() {
            return user + "#" + connection + ", " + age.toSeconds() + " s, "
                    + statement.map(text -> "runs: " + text).orElse("an open transaction that idles");
        }
    }

    /** {@code FLUSH TABLES WITH READ LOCK}, {@code LOCK TABLES}, {@code LOCK INSTANCE FOR BACKUP}. */
    sealed interface GlobalLock {

        record Free() implements GlobalLock {}

        /** @param holders user and connection, with the kind of lock */
        record Held(List<String> holders) implements GlobalLock {

            public Held {
                holders = List.copyOf(holders);
            }
        }

        /** The server does not record such locks ({@code wait/lock/metadata/sql/mdl} is off). */
        record NotVisible() implements GlobalLock {}
    }
}
