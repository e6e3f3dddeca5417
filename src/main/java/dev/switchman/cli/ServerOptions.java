package dev.switchman.cli;

import java.nio.file.Path;
import java.util.Optional;

import picocli.CommandLine.Option;

/** Options of every command that talks to the server. */
final class ServerOptions {

    @Option(names = "--server", paramLabel = "URL", description = "Where the server is; default: $$SWITCHMAN_SERVER, else"
            + " http://127.0.0.1:8080.")
    private Optional<String> server = Optional.empty();

    @Option(names = "--data", paramLabel = "DIR", description = "The server's data folder, whose cli.token is the login"
            + " when $$SWITCHMAN_USER is not set.")
    private Optional<Path> data = Optional.empty();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    Optional<String> server() {
        return server;
    }

    Optional<Path> data() {
        return data;
    }

    boolean json() {
        return json;
    }
}
