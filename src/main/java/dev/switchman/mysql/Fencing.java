package dev.switchman.mysql;

/** What came of taking write access from a server. */
public sealed interface Fencing {

    /** super_read_only=1 was read back. @param sessions ended client sessions */
    record Closed(int sessions) implements Fencing {}

    /** No statement reached it. */
    record Unreachable(String why) implements Fencing {}

    /** It answers and could not be closed: nothing of ours is queued there any more. @param why what holds it up */
    record Refused(String why) implements Fencing {}

    /** It was reached and then lost: whether it is closed is not known. */
    record Unknown(String why) implements Fencing {}
}
