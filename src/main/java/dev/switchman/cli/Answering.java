package dev.switchman.cli;

/** Answers the question of a run that waits for a person. */
final class Answering {

    private Answering() {}

    static int answer(Desk desk, ServerOptions options, String run, boolean approve, String comment) {
        Server.Answer answer = desk.server(options)
                .post("/api/runs/" + Server.encode(run) + "/answer",
                        Json.object().put("approve", approve).put("comment", comment));
        if (!answer.ok()) {
            throw new Failed(Exit.REFUSED, "not answered: " + Server.words(answer));
        }
        if (options.json()) {
            desk.terminal().json(answer.body());
        } else {
            desk.terminal()
                    .line("Run " + run + (approve ? " is approved" : " is rejected")
                            + "; follow it with: switchman run " + run);
        }
        return Exit.OK;
    }
}
