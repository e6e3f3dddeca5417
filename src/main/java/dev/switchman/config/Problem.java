package dev.switchman.config;

import java.nio.file.Path;

/**
 * One thing that is wrong, or risky, in a configuration file. Never holds the value of a secret.
 *
 * @param line counted from 1; 0 when it concerns the file as a whole
 * @param path the key, such as {@code switchman.clusters[orders].nodes[1].port}; empty when it concerns the file
 * @param what what is wrong, with the value
 */
public record Problem(Path file, int line, String path, String what) {

    /** @return {@code file:line: path: what} */
    @Override
    public String toString() {
        return file + (line > 0 ? ":" + line : "") + ": " + (path.isEmpty() ? "" : path + ": ") + what;
    }
}
