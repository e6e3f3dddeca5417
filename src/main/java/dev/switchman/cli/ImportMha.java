package dev.switchman.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import dev.switchman.config.Inventory;
import dev.switchman.config.Problem;
import dev.switchman.mha.Import;

@Command(name = "import-mha", description = "Turn configuration files of MHA into one of Switchman's.")
final class ImportMha implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "MHA's application files, one for each cluster.")
    private List<Path> files = List.of();

    @Option(names = "--global", paramLabel = "FILE", description = "MHA's global file; default:"
            + " /etc/masterha_default.cnf, if it exists.")
    private Optional<Path> global = Optional.empty();

    @Option(names = "--write", paramLabel = "FILE", description = "Write the configuration there, and the passwords into"
            + " files beside it that only their owner can read; without it the configuration is printed.")
    private Optional<Path> write = Optional.empty();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    ImportMha(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        Import.Read read = desk.fromMha(files, global, json);
        List<Problem> left = write.map(file -> written(file, read)).orElse(List.of());
        if (json) {
            desk.terminal().json(object(read, left));
        } else if (write.isEmpty()) {
            desk.terminal().line(read.yaml().stripTrailing());
        }
        if (write.isPresent()) {
            desk.terminal().error(write.get() + ": written, with " + read.secrets().size() + " passwords beside it");
        } else if (!read.secrets().isEmpty()) {
            desk.terminal()
                    .error("The passwords are not shown: --write FILE puts them into "
                            + read.secrets().keySet().stream().sorted().collect(Collectors.joining(", "))
                            + " beside FILE.");
        }
        left.forEach(problem -> desk.terminal().error("left: " + problem));
        return left.isEmpty() ? Exit.OK : Exit.FAILED;
    }

    /** @return what keeps the file from being used yet */
    private List<Problem> written(Path file, Import.Read read) {
        Path target = file.toAbsolutePath().normalize();
        if (Files.exists(target)) {
            throw new Failed(Exit.USAGE, "--write: exists already: " + file);
        }
        Path folder = Optional.ofNullable(target.getParent()).orElse(Path.of("/"));
        for (String secret : read.secrets().keySet()) {
            if (Files.exists(folder.resolve(secret))) {
                throw new Failed(Exit.USAGE, "--write: exists already: " + folder.resolve(secret));
            }
        }
        try {
            MhaFiles.write(target, read);
        } catch (IOException e) {
            throw new Failed(Exit.FAILED, "--write: " + file + ": " + e.getClass().getSimpleName() + ": "
                    + e.getMessage());
        }
        return switch (Inventory.read(target)) {
            case Inventory.Loaded loaded -> {
                loaded.warnings().forEach(warning -> desk.terminal().error("warning: " + warning));
                yield List.of();
            }
            case Inventory.Invalid invalid -> invalid.problems();
        };
    }

    private static ObjectNode object(Import.Read read, List<Problem> left) {
        ObjectNode object = Json.object().put("yaml", read.yaml());
        ArrayNode parameters = object.putArray("parameters");
        read.account()
                .forEach(row -> parameters.addObject().put("setting", row.setting()).put("outcome", row.outcome()));
        for (Map.Entry<String, List<Problem>> list : Map
                .of("warnings", read.warnings(), "byHand", read.byHand(), "left",
                        left)
                .entrySet()) {
            ArrayNode array = object.putArray(list.getKey());
            list.getValue().forEach(problem -> array.add(problem.toString()));
        }
        return object;
    }
}
