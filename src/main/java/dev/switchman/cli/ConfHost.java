package dev.switchman.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import dev.switchman.config.Inventory;
import dev.switchman.config.NodeEntries;
import dev.switchman.config.Problem;
import dev.switchman.mha.ServerBlocks;

@Command(name = "conf-host", description = {
        "Add a server to a configuration file, or delete it there; every other byte stays.",
        "The server reads the file when it starts."})
final class ConfHost implements Callable<Integer> {

    private final Desk desk;

    @Parameters(index = "0", paramLabel = "add|delete")
    private String action = "";

    @Parameters(index = "1", paramLabel = "FILE", description = "Switchman's (.yaml, .yml), or one of MHA's.")
    private Path file = Path.of("");

    @Option(names = "--hostname", paramLabel = "HOST", description = "The server; host:port to delete one of several.")
    private Optional<String> hostname = Optional.empty();

    @Option(names = "--cluster", paramLabel = "CLUSTER", description = "Of Switchman's file; default: its only one.")
    private Optional<String> cluster = Optional.empty();

    @Option(names = "--block", paramLabel = "NAME", description = "Of MHA's file; default: server_HOST.")
    private Optional<String> block = Optional.empty();

    @Option(names = "--params", paramLabel = "K=V;K=V", description = "What else is to stand there: port, role,"
            + " ignore-failure, unit; in MHA's file what MHA knows.")
    private String params = "";

    ConfHost(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        if (!action.equals("add") && !action.equals("delete")) {
            throw new Failed(Exit.USAGE, "add|delete: must be one of them: \"" + action + "\"");
        }
        if (action.equals("add") && hostname.isEmpty()) {
            throw new Failed(Exit.USAGE, "--hostname: missing");
        }
        byte[] content = read();
        return String.valueOf(file.getFileName()).matches(".*\\.ya?ml") ? switchman(content) : mha(content);
    }

    private byte[] read() {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new Failed(Exit.USAGE, "FILE: no such file: " + file);
        } catch (IOException e) {
            throw new Failed(Exit.USAGE, "FILE: cannot read " + file + ": " + e.getClass().getSimpleName());
        }
    }

    private List<String> pairs() {
        List<String> pairs = new ArrayList<>();
        for (String pair : params.split(";")) {
            if (!pair.isBlank()) {
                pairs.add(pair.strip());
            }
        }
        return pairs;
    }

    private int switchman(byte[] content) {
        if (block.isPresent()) {
            throw new Failed(Exit.USAGE, "--block: a file of Switchman's has none: \"" + block.get() + "\"");
        }
        String host = hostname.orElseThrow(() -> new Failed(Exit.USAGE, "--hostname: missing"));
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
        } catch (CharacterCodingException e) {
            throw new Failed(Exit.USAGE, "FILE: not written in UTF-8: " + file);
        }
        String name = cluster.orElseGet(this::onlyCluster);
        Map<String, String> keys = new LinkedHashMap<>();
        for (String pair : pairs()) {
            int at = pair.indexOf('=');
            if (at < 1 || keys.put(pair.substring(0, at).strip(), pair.substring(at + 1).strip()) != null) {
                throw new Failed(Exit.USAGE, "--params: not key=value, or there twice: \"" + pair + "\"");
            }
        }
        return switch (action.equals("add")
                ? NodeEntries.add(text, name, host, keys)
                : NodeEntries.delete(text, name, host)) {
            case NodeEntries.Edited.Changed(String changed) -> put(changed.getBytes(StandardCharsets.UTF_8),
                    fresh -> Inventory.read(fresh) instanceof Inventory.Invalid invalid
                            ? Optional.of(invalid.problems()
                                    .stream()
                                    .map(Problem::toString)
                                    .collect(Collectors.joining("\n")))
                            : Optional.empty(),
                    host + (action.equals("add") ? " added to" : " deleted from") + " cluster " + name + " in " + file
                            + "; restart the server to have it read");
            case NodeEntries.Edited.Absent(String why) -> nothing(why);
            case NodeEntries.Edited.Refused(String why) -> throw new Failed(Exit.USAGE, why);
        };
    }

    private String onlyCluster() {
        List<String> names = desk.configuration(Optional.of(file), false)
                .clusters()
                .stream()
                .map(each -> each.name().value())
                .toList();
        if (names.size() != 1) {
            throw new Failed(Exit.USAGE, "--cluster: missing; the file has " + names);
        }
        return names.getFirst();
    }

    private int mha(byte[] content) {
        if (cluster.isPresent()) {
            throw new Failed(Exit.USAGE, "--cluster: a file of MHA's is one: \"" + cluster.get() + "\"");
        }
        if (block.isEmpty() && hostname.isEmpty()) {
            throw new Failed(Exit.USAGE, "--block or --hostname: missing");
        }
        String name = ServerBlocks.name(block.orElse(""), hostname.orElse(""));
        String text = new String(content, StandardCharsets.ISO_8859_1);
        return switch (action.equals("add")
                ? ServerBlocks.add(text, name, hostname.orElse(""), pairs())
                : ServerBlocks.delete(text, name)) {
            case ServerBlocks.Edited.Changed(String changed) ->
                put(changed.getBytes(StandardCharsets.ISO_8859_1), fresh -> Optional.empty(),
                        "[" + name + "]" + (action.equals("add") ? " added to " : " deleted from ") + file
                                + "; import it again, or restart what serves it");
            case ServerBlocks.Edited.Absent(String why) -> nothing(why);
            case ServerBlocks.Edited.Refused(String why) -> throw new Failed(Exit.USAGE, why);
        };
    }

    /** As MHA does: it tells, and all is well. */
    private int nothing(String why) {
        desk.terminal().line("Nothing to delete in " + file + ": " + why);
        return Exit.OK;
    }

    private int put(byte[] content, Function<Path, Optional<String>> judge, String done) {
        Optional<String> refusal;
        try {
            refusal = ReplacedFile.put(file, content, judge);
        } catch (IOException e) {
            throw new Failed(Exit.FAILED, "FILE: cannot replace " + file + ": " + e.getClass().getSimpleName() + ": "
                    + e.getMessage());
        }
        if (refusal.isPresent()) {
            throw new Failed(Exit.USAGE, refusal.get() + "\nNothing was changed in " + file);
        }
        desk.terminal().line(done);
        return Exit.OK;
    }
}
