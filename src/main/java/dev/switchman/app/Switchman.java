package dev.switchman.app;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

import dev.switchman.cli.Cli;

/** The program: {@code switchman VERB …}. */
public final class Switchman {

    private Switchman() {}

    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int exitCode = Cli.run(args, new Doors(out, err), out, err);
        out.flush();
        err.flush();
        System.exit(exitCode);
    }
}
