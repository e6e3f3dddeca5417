package dev.switchman.topology;

/**
 * What a host tells of the file systems that hold a node's data directory and its binary logs: of the worse one.
 *
 * @param usedPercent of its space or its inodes, whichever is scarcer; -1 when it could not be told
 * @param detail one line for people
 */
public record Disk(State state, int usedPercent, String detail) {

    /** Nothing was told. */
    public static final Disk UNKNOWN = new Disk(State.UNKNOWN, -1, "its host tells nothing of its disk");

    /** From good to bad, with what is not known first. */
    public enum State {
        UNKNOWN, WORKING,
        /** An access of mysqld does not return: one of its threads sleeps uninterruptibly, and is not woken. */
        STALLED,
        /** No room or no inodes are left. */
        FULL,
        /** Mounted read-only, as Linux does after an I/O error. */
        READ_ONLY
    }

    /** A disk that works and is used to this part. */
    public static Disk used(int percent) {
        return new Disk(State.WORKING, percent, percent + " % used");
    }

    /** @return whether people are to be warned: so much of it is in use, or it serves no more */
    public boolean nearlyFull(int warningPercent) {
        return usedPercent >= warningPercent || state == State.FULL || state == State.READ_ONLY
                || state == State.STALLED;
    }

    /** @return whether nothing can be written there, as the host itself says */
    public boolean refusesWrites() {
        return state == State.FULL || state == State.READ_ONLY;
    }
}
