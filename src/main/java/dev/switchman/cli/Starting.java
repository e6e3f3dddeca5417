package dev.switchman.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What all commands share that start a run at the server, and follow it to its end unless told not to. */
final class Starting {

    @Option(names = "--reason", paramLabel = "TEXT", description = "For the people who are asked, the journal, the report.")
    private String reason = "started by hand";

    @Option(names = "--detach", description = "Return as soon as the run is started.")
    private boolean detach;

    @Mixin
    private ServerOptions options = new ServerOptions();

    Server server(Desk desk) {
        return desk.server(options);
    }

    boolean json() {
        return options.json();
    }

    /**
     * @param body what the server needs besides the reason
     * @throws Failed with exit code 4 when the server does not start it
     */
    int start(Desk desk, String cluster, String runbook, ObjectNode body) {
        Terminal terminal = desk.terminal();
        Server server = server(desk);
        Server.Answer answer = server.postTo(cluster, runbook, body.put("reason", reason));
        String run = Json.text(answer.body(), "run");
        if (!answer.ok()) {
            if (json()) {
                terminal.json(answer.body());
            }
            throw new Failed(Exit.REFUSED, "not started: " + Server.words(answer)
                    + (run.isEmpty() ? "" : "\nSee it with: switchman run " + run));
        }
        if (detach) {
            if (json()) {
                terminal.json(answer.body());
            } else {
                terminal.line("Run " + run + " started; follow it with: switchman run " + run);
            }
            return Exit.OK;
        }
        if (!json()) {
            terminal.line("Run " + run + " started");
        }
        return new Follower(terminal, server, json()).follow(run);
    }
}
