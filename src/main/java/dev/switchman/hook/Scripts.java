package dev.switchman.hook;

import java.time.Duration;

/** Runs the scripts that a cluster's {@code hooks} name, as MHA runs them. Used by runbook steps alone, and by a check for their status. */
public interface Scripts {

    /**
     * Runs one and waits for its end, without a shell, with an empty standard input and a bare environment. No password stands
     * in what it is said to have printed. At the deadline it is ended by SIGKILL with all that it has started. Whether it may
     * be repeated is the script's own matter; MHA's contract wants it.
     */
    Program.End run(ScriptCall call, Duration deadline);
}
