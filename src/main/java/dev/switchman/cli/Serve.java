package dev.switchman.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import dev.switchman.config.Inventory;
import dev.switchman.mha.Import;
import dev.switchman.mha.MhaConfigurations;

@Command(name = "serve", description = "Watch the clusters and run the runbooks; HTTP interface and Cockpit.")
final class Serve implements Callable<Integer> {

    private final Desk desk;

    @Option(names = "--config", paramLabel = "FILE", description = "The configuration; default: switchman.yaml here, in"
            + " ~/.config/switchman, in /etc/switchman.")
    private Optional<Path> config = Optional.empty();

    @Option(names = "--mha-conf", paramLabel = "FILE", description = "MHA's application file, instead of a configuration; may"
            + " be repeated.")
    private List<Path> mhaConf = List.of();

    @Option(names = "--global", paramLabel = "FILE", description = "MHA's global file; default:"
            + " /etc/masterha_default.cnf, if it exists.")
    private Optional<Path> global = Optional.empty();

    @Option(names = "--port", paramLabel = "N", description = "Where the HTTP server listens, whatever the file says.")
    private Optional<Integer> port = Optional.empty();

    @Option(names = "--data", paramLabel = "DIR", description = "Folder of the store; default: $$SWITCHMAN_DATA, else"
            + " /var/lib/switchman for root, else ~/.local/state/switchman. With --mha-conf and --port: the folder mha-CLUSTER in"
            + " there, so that each of several managers has one of its own.")
    private Optional<Path> data = Optional.empty();

    @Option(names = "--json", description = "Print problems of the configuration as JSON.")
    private boolean json;

    Serve(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        port.filter(number -> number < 1 || number > 65_535).ifPresent(number -> {
            throw new Failed(Exit.USAGE, "--port: must be 1 to 65535: " + number);
        });
        if (mhaConf.isEmpty()) {
            return desk.ports().serve(desk.configuration(config, json).file(), desk.data(data), port);
        }
        if (config.isPresent()) {
            throw new Failed(Exit.USAGE, "--config and --mha-conf: one of them");
        }
        Import.Read read = desk.fromMha(mhaConf, global, json);
        Path folder = data.isEmpty() && port.isPresent()
                ? desk.data(data).resolve("mha-" + MhaConfigurations.clusterName(mhaConf.getFirst()))
                : desk.data(data);
        return desk.ports().serve(desk.configuration(Optional.of(written(folder, read)), json).file(), folder, port);
    }

    /** What it was made of is read again at each start, so the file is no place to edit. */
    private static Path written(Path folder, Import.Read read) {
        Path file = folder.toAbsolutePath().normalize().resolve("mha").resolve(Inventory.FILE_NAME);
        try {
            MhaFiles.write(file, read);
        } catch (IOException e) {
            throw new Failed(Exit.USAGE, "--data " + folder + ": " + e.getClass().getSimpleName() + ": "
                    + e.getMessage());
        }
        return file;
    }
}
