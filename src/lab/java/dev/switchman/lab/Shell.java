package dev.switchman.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
            Path output = Files.createTempFile("switchman-lab-", ".out");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
                process.getOutputStream().close();
                if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                    throw new LabException(
                            String.join(" ", command) + " had not ended after " + deadline.toSeconds() + " s");
                }
                return new Ended(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8).strip());
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new LabException("cannot run " + String.join(" ", command) + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted while " + String.join(" ", command) + " ran", e);
        }
    }
}
