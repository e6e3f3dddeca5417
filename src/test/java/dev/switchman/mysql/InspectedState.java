package dev.switchman.mysql;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.switchman.topology.Failure;
import dev.switchman.topology.Finding;
import dev.switchman.topology.Finding.Grade;
import dev.switchman.topology.Node;
import dev.switchman.topology.ServerState;

/** What {@link Inspection} finds in a server's state that no server told: a fake judges as the real reader does. */
public final class InspectedState {

    private static final List<String> EVERYTHING = List.of("GRANT ALL PRIVILEGES ON *.* TO `fake`@`%`");

    private InspectedState() {}

    /** @param denied how the server answers this account's questions; empty when it may ask them */
    public static List<Finding> findings(Node node, ServerState server, Optional<Failure> denied) {
        String subject = node.toString();
        List<String> missing = Grants.of(denied.isEmpty() ? EVERYTHING : List.of())
                .missing(Dialect.of(server.version()));
        List<Finding> findings = new ArrayList<>();
        findings.add(new Finding("connect", subject, Grade.PASSED, "as " + node.mysql().user()));
        findings.add(new Finding("version", subject, Grade.PASSED, server.version().toString()));
        findings.add(new Finding("privileges", subject, missing.isEmpty() ? Grade.PASSED : Grade.FAILED,
                "missing: " + String.join(", ", missing)));
        denied.ifPresentOrElse(
                failure -> findings.add(new Finding("state", subject, Grade.FAILED, failure.sentence())),
                () -> findings.addAll(inspected(node, server)));
        return findings;
    }

    private static List<Finding> inspected(Node node, ServerState server) {
        Inspection inspection = new Inspection(node);
        inspection.state(server, server.replication().map(state -> new StateQuery.Channel("", state)));
        List<Finding> findings = new ArrayList<>(inspection.findings());
        findings.addAll(Lints.of(node.toString(), server, new Variables(Map.of()), true));
        return findings;
    }
}
