package dev.switchman.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.ZoneId;

import picocli.CommandLine;

/** The command line: parses the arguments, runs one command, says how it went by its exit code. */
public final class Cli {

    private Cli() {}

    /** @return 0 ok, 1 failed, 2 usage or configuration, 3 waiting for a person, 4 refused, 10 and 11 as runs end */
    public static int run(String[] args, Ports ports, PrintWriter out, PrintWriter err) {
        Terminal terminal = new Terminal(out, err, ZoneId.systemDefault());
        return run(args, out, err, new Desk(terminal, Keyboard.ofProcess(System.in), ports, System.getenv(),
                Path.of(System.getProperty("user.home", "/")), System.getProperty("user.name", "")));
    }

    static int run(String[] args, PrintWriter out, PrintWriter err, Desk desk) {
        CommandLine line = Verbs.commandLine(desk);
        line.setOut(out);
        line.setErr(err);
        line.setUsageHelpWidth(100);
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof Failed known) {
                desk.terminal().error(known.what());
                return known.exitCode();
            }
            desk.terminal().error("unexpected: " + failure);
            for (StackTraceElement frame : failure.getStackTrace()) {
                desk.terminal().error("    at " + frame);
            }
            return Exit.FAILED;
        });
        int exitCode = line.execute(args);
        out.flush();
        err.flush();
        return exitCode;
    }
}
