package dev.switchman.cli;

import java.nio.file.Path;
import java.util.Optional;

import picocli.CommandLine.Option;

/** Options of every command that reads the configuration itself, and needs no server running. */
final class ConfigurationOptions {

    @Option(names = "--config", paramLabel = "FILE", description = "The configuration.")
    private Optional<Path> config = Optional.empty();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /** @throws Failed with exit code 2 when it is missing or not valid; its problems are printed */
    Desk.Configuration read(Desk desk) {
        return desk.configuration(config, json);
    }

    boolean json() {
        return json;
    }
}
