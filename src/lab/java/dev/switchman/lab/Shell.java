package dev.switchman.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs programs on this machine. */
final class Shell {

    private Shell() {}

    /** What a program printed, both streams, and its exit status. */
    record Ended(int status, String output) {}

    /** @throws LabException when the program is not there or has not ended in time */
    static Ended run(List<String> command, Duration deadline) {
        try {
            Path output = Files.createTempFile("switchman-shell-", ".out");
            try {
                int status = end(new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()),
                        deadline);
                return new Ended(status, Files.readString(output, StandardCharsets.UTF_8).strip());
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new LabException("cannot keep the output of " + String.join(" ", command) + ": " + e.getMessage(), e);
        }
    }

    /** The same; what it prints goes to this process's error stream as it comes. @return its exit status */
    static int runTalking(List<String> command, Duration deadline) {
        List<String> redirected = new ArrayList<>(List.of("bash", "-c", "exec \"$@\" >&2", "bash"));
        redirected.addAll(command);
        return end(new ProcessBuilder(redirected).redirectError(ProcessBuilder.Redirect.INHERIT), deadline);
    }

    private static int end(ProcessBuilder builder, Duration deadline) {
        String command = String.join(" ", builder.command());
        Process process;
        try {
            process = builder.redirectInput(Path.of("/dev/null").toFile()).start();
        } catch (IOException e) {
            throw new LabException("cannot run " + command + ": " + e.getMessage(), e);
        }
        try {
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new LabException(command + " had not ended after " + deadline.toSeconds() + " s");
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new LabException("interrupted while " + command + " ran", e);
        }
    }
}
