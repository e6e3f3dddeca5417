package dev.switchman.hook;

/** Where a shutdown hook and the scripts of MHA's kind come from. */
public final class ShutdownHooks {

    private ShutdownHooks() {}

    /** Runs the program that a cluster's configuration names. */
    public static ShutdownHook configured() {
        return new HookProgram();
    }

    /** Runs the scripts that a cluster's {@code hooks} name. */
    public static Scripts scripts() {
        return new RunningScripts();
    }
}
