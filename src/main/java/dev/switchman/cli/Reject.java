package dev.switchman.cli;

import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "reject", description = "Answer \"no\" to the question of a run that waits for a person.")
final class Reject implements Callable<Integer> {

    private final Desk desk;

    @Parameters(paramLabel = "RUN")
    private String run = "";

    @Option(names = "--comment", paramLabel = "TEXT", required = true, description = "Goes into the journal.")
    private String comment = "";

    @Mixin
    private ServerOptions options = new ServerOptions();

    Reject(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        return Answering.answer(desk, options, run, false, comment);
    }
}
