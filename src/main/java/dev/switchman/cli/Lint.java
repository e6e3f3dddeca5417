package dev.switchman.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "lint", description = {
        "Judge edited diagrams, decision tables and forms before anybody runs them: the house rules, and"
                + " the safety order on every path. Works without a server.",
        "Files that are not named are those that this program brings."})
final class Lint implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "*.bpmn, *.dmn or *.form; the name says which one it"
            + " replaces.")
    private List<Path> files = List.of();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    Lint(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        List<String> problems = desk.ports().lint(read(files));
        if (json) {
            ObjectNode object = Json.object().put("passed", problems.isEmpty());
            ArrayNode array = object.putArray("problems");
            problems.forEach(array::add);
            desk.terminal().json(object);
        } else {
            problems.forEach(desk.terminal()::line);
            desk.terminal().line(problems.isEmpty() ? "no problems" : problems.size() + " problems");
        }
        return problems.isEmpty() ? Exit.OK : Exit.FAILED;
    }

    /** @return contents by file name */
    static Map<String, byte[]> read(List<Path> files) {
        Map<String, byte[]> contents = new TreeMap<>();
        for (Path file : files) {
            String name = String.valueOf(file.getFileName());
            try {
                if (contents.put(name, Files.readAllBytes(file)) != null) {
                    throw new Failed(Exit.USAGE, "FILE: two files are named " + name);
                }
            } catch (IOException e) {
                throw new Failed(Exit.USAGE, "FILE: cannot read " + file + ": " + e.getClass().getSimpleName());
            }
        }
        return contents;
    }
}
