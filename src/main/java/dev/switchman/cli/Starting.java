package dev.switchman.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Starts a run at the server, and follows it to its end unless told not to. */
final class Starting {

    private final Terminal terminal;
    private final Server server;
    private final boolean json;
    private final boolean detach;

    Starting(Terminal terminal, Server server, boolean json, boolean detach) {
        this.terminal = terminal;
        this.server = server;
        this.json = json;
        this.detach = detach;
    }

    /** @throws Failed with exit code 4 when the server does not start it */
    int start(String cluster, String runbook, ObjectNode body) {
        Server.Answer answer = server.postTo(cluster, runbook, body);
        String run = Json.text(answer.body(), "run");
        if (!answer.ok()) {
            if (json) {
                terminal.json(answer.body());
            }
            throw new Failed(Exit.REFUSED, "not started: " + Server.words(answer)
                    + (run.isEmpty() ? "" : "\nSee it with: switchman run " + run));
        }
        if (detach) {
            if (json) {
                terminal.json(answer.body());
            } else {
                terminal.line("Run " + run + " started; follow it with: switchman run " + run);
            }
            return Exit.OK;
        }
        if (!json) {
            terminal.line("Run " + run + " started");
        }
        return new Follower(terminal, server, json).follow(run);
    }
}
