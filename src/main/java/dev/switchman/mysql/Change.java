package dev.switchman.mysql;

/** What came of a change to one server. */
public sealed interface Change {

    /** Done, or nothing was left to do; read back. */
    record Done(String detail) implements Change {}

    /** Nothing was changed: no connection. */
    record Unreachable(String why) implements Change {}

    /** The server answered and refused, or it would not have been safe. */
    record Rejected(String why) implements Change {}

    /** The answer was lost or late: it may or may not be done. */
    record Unknown(String why) implements Change {}

    /** @return one line for people */
    default String sentence() {
        return switch (this) {
            case Done(String detail) -> detail;
            case Unreachable(String why) -> "not reached: " + why;
            case Rejected(String why) -> "refused: " + why;
            case Unknown(String why) -> "not known: " + why;
        };
    }
}
