package dev.switchman.cli;

/** Exit codes of the program; runs bring codes of their own (10: replicas lost, 11: writes may be lost). */
final class Exit {

    static final int OK = 0;
    static final int FAILED = 1;
    /** Usage or configuration. */
    static final int USAGE = 2;
    /** A run waits for a person. */
    static final int WAITING = 3;
    static final int REFUSED = 4;

    private Exit() {}
}
