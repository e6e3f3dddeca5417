package dev.switchman.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "serve", description = "Watch the clusters and run the runbooks; HTTP interface and Cockpit.")
final class Serve implements Callable<Integer> {

    private final Desk desk;

    @Option(names = "--config", paramLabel = "FILE", description = "The configuration; default: switchman.yaml here, in"
            + " ~/.config/switchman, in /etc/switchman.")
    private Optional<Path> config = Optional.empty();

    @Option(names = "--data", paramLabel = "DIR", description = "Folder of the store; default: /var/lib/switchman for root,"
            + " else ~/.local/state/switchman.")
    private Optional<Path> data = Optional.empty();

    @Option(names = "--json", description = "Print problems of the configuration as JSON.")
    private boolean json;

    Serve(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        Desk.Configuration configuration = desk.configuration(config, json);
        return desk.ports().serve(configuration.file(), desk.data(data));
    }
}
