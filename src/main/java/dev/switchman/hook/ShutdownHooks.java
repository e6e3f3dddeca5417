package dev.switchman.hook;

/** Where a shutdown hook comes from. */
public final class ShutdownHooks {

    private ShutdownHooks() {}

    /** Runs the program that a cluster's configuration names. */
    public static ShutdownHook configured() {
        return new HookProgram();
    }
}
