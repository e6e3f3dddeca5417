package dev.switchman.cli;

import java.util.Optional;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "verify", description = {
        "Say whether the journal is what it was when it was written: each line is tied to all before it.",
        "Exit codes: 0 it is, 1 it is not."})
final class VerifyAudit implements Callable<Integer> {

    private final Desk desk;

    @Option(names = "--head", paramLabel = "HEAD", description = "One that a report or the log told earlier. Without it"
            + " a journal that was made anew as a whole, or cut off at its end, goes unnoticed.")
    private Optional<String> head = Optional.empty();

    @Mixin
    private ServerOptions options = new ServerOptions();

    VerifyAudit(Desk desk) {
        this.desk = desk;
    }

    @Override
    public Integer call() {
        JsonNode audit = desk.server(options)
                .get("/api/audit" + head.map(text -> "?head=" + Server.encode(text)).orElse(""));
        boolean whole = audit.path("whole").asBoolean();
        if (options.json()) {
            desk.terminal().json(audit);
        } else {
            Json.texts(audit.path("problems")).forEach(desk.terminal()::line);
            JsonNode purged = audit.path("purged");
            if (purged.isObject()) {
                desk.terminal()
                        .line(purged.path("lines").asLong() + " lines of " + purged.path("runs").asLong()
                                + " runs, the last of " + Json.text(purged, "last") + ", were purged under "
                                + Json.text(purged, "policy") + ", most recently at " + Json.text(purged, "at"));
            }
            if (head.isPresent() && !audit.path("headFound").asBoolean()) {
                desk.terminal()
                        .line("no line has the head " + head.get() + ": what was written until then is not there"
                                + " any more as it was" + (purged.isObject() ? ", or was purged" : ""));
            }
            long earlier = audit.path("earlier").asLong();
            desk.terminal()
                    .line(audit.path("lines").asLong() + " lines" + (whole ? ", as they were written" : "")
                            + (earlier == 0 ? "" : "; " + earlier + " of an earlier version are not tied")
                            + "; head " + Json.text(audit, "head"));
        }
        return whole ? Exit.OK : Exit.FAILED;
    }
}
