package dev.switchman.hook;

import java.time.Duration;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs scripts for real. */
final class RunningScripts implements Scripts {

    private static final Logger LOG = LoggerFactory.getLogger(RunningScripts.class);

    @Override
    public Program.End run(ScriptCall call, Duration deadline) {
        LOG.info("running {}", call);
        return switch (Program.run(call.all(), deadline)) {
            case Program.Exited(int status, Duration took, String output) -> new Program.Exited(status, took,
                    call.masked(output));
            case Program.Broken(String sentence, Duration took, String output) -> new Program.Broken(
                    call.masked(sentence), took, call.masked(output));
        };
    }
}
