package dev.switchman;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The table of rooms: which package may know which. The architecture test holds it, and {@code docs/map.md} is printed
 * from it. Whoever needs a new arrow draws it here, and says why in the commit.
 */
final class Rooms {

    /** @param says what the room is for @param doors what the rooms that know it use of it */
    record Room(String name, String says, String doors, Set<String> mayKnow) {

        String rootPackage() {
            return "dev.switchman." + name;
        }
    }

    static final List<Room> ALL = List.of(
            room("topology", "The nouns: cluster, node, version, GTID set, replica state, observation, snapshot. Pure.",
                    "its records and sealed interfaces"),
            room("verdict", "Judgement: a snapshot goes in, a sealed answer comes out. Pure.",
                    "`Diagnosis`, `Election`, `Precheck` and their answers", "topology"),
            room("config", "Reads the inventory of clusters from YAML; all its problems at once.", "`Inventory`",
                    "topology"),
            room("mysql", "Looks at MySQL servers and changes them; one dialect per range of versions.",
                    "`NodeReader` (looks), `NodeOperator` (changes), `NodeLocks`", "topology"),
            room("ssh", "Looks at hosts and acts on them over SSH.", "`HostReader` (looks), `RemoteShell` (acts)",
                    "topology"),
            room("hook", "Runs programs of the operator's own, without a shell.",
                    "`ShutdownHook` and `Scripts` (act), `Program`", "topology"),
            room("mha", "Reads MHA's configuration files.", "`MhaConfigurations`", "topology", "config", "hook"),
            room("notify", "Sends reports to people, by mail and over HTTP.", "`Notifier`, `Webhooks`, `Notice`",
                    "topology"),
            room("audit", "The journal: what each run meant to do, did, and was answered.", "`Journal`", "topology"),
            room("memory", "What outlives a restart of the manager.", "`ClusterMemory`, `Outbox`", "topology"),
            room("vip", "Holds, moves and announces the virtual IP.", "`VirtualIp`", "topology", "ssh"),
            room("monitor",
                    "Watches clusters and tells its listener the verdict; holds the manager's locks. Never acts.",
                    "`Watch`, `VerdictListener`, `Claims`", "topology", "verdict", "config", "memory", "mysql", "ssh"),
            room("rehearsal", "Servers made of memory, on which a failover is rehearsed after the start.", "`Stage`",
                    "topology", "mysql", "ssh", "vip"),
            room("runbook",
                    "The step, its run and its outcome; one class per box of a diagram; the ports to the engine.",
                    "`Step`, `Run`, `Outcome`, `RunbookError`; ports `Runbooks`, `RunHistory`, `Approvals`, `Decisions`, `People`; `Bulletins`, `Receivers`",
                    "topology", "verdict", "config", "mysql", "ssh", "hook", "notify", "audit", "memory", "vip",
                    "monitor"),
            room("engine", "The only room that knows Camunda: implements the ports of `runbook`.", "none",
                    "runbook", "topology", "config", "audit"),
            room("api", "The HTTP interface, with its own records, and who may call it.", "none",
                    "topology", "verdict", "config", "monitor", "runbook", "memory", "audit"),
            room("web", "The pages that people see, made on the server; what they change goes through the API.", "none",
                    "topology", "verdict", "config", "monitor", "runbook", "memory", "audit"),
            room("cli", "The command line. Talks HTTP; for `check` and `adopt` the ports that `app` hands it.", "`Cli`",
                    "topology", "config", "mha"),
            room("app", "Main class and wiring.", "`Switchman`", "topology", "verdict", "config", "mysql", "ssh",
                    "hook", "notify", "audit", "memory", "vip", "monitor", "rehearsal", "runbook", "engine", "api",
                    "web", "cli"));

    private Rooms() {}

    private static Room room(String name, String says, String doors, String... mayKnow) {
        return new Room(name, says, doors, new TreeSet<>(Arrays.asList(mayKnow)));
    }

    static String map() {
        List<String> lines = new ArrayList<>();
        lines.add("# The map");
        lines.add("");
        lines.add(
                "The diagram is the service layer. A step is one box. Nouns and judgement are plain Java. Watching never"
                        + " knows about acting. Nothing but a runbook can change a server; the one exception is the INSERT ping"
                        + " and the trial write, which write rows of their own.");
        lines.add("");
        lines.add("Each package under `dev.switchman` is a room. What is not a door is package-private.");
        lines.add("");
        lines.add("| room | what it is for | its doors | may know |");
        lines.add("|---|---|---|---|");
        for (Room room : ALL) {
            lines.add("| `" + room.name() + "` | " + room.says() + " | " + room.doors() + " | "
                    + (room.mayKnow().isEmpty() ? "nothing" : String.join(", ", room.mayKnow())) + " |");
        }
        lines.add("");
        lines.add("`ArchitectureTest` holds this table and these rules:");
        lines.add("");
        lines.add("1. Rooms know only what the table allows; there are no cycles; every room is in the table.");
        lines.add("2. `topology` and `verdict` depend on the JDK's `java` packages and nullness annotations only.");
        lines.add("3. `org.camunda` is imported in `engine` only.");
        lines.add(
                "4. What changes a machine (`NodeOperator`, `RemoteShell`, `VirtualIp`, `ShutdownHook`, `Scripts`) is used by its own room, by"
                        + " `runbook` and its steps, and wired in `app`; `vip` acts through `RemoteShell`; `rehearsal` has some of"
                        + " memory.");
        lines.add(
                "5. JDBC is used in `mysql` (servers), `audit`, `memory` and `engine` (the store), and the store's pool"
                        + " is made in `app`; Connector/J stays in `mysql`, `org.apache.sshd` in `ssh`, web annotations in `api` and `web`.");
        lines.add("6. The current time comes from an injected clock, waits from the loop: no `Instant.now()`,"
                + " `System.currentTimeMillis()`, `Thread.sleep`; no field injection, no Lombok.");
        lines.add("");
        lines.add("This file is printed from the table in `Rooms.java`. After a change there:"
                + " `mvn test -Dtest=ArchitectureTest -Dswitchman.map.write=true`.");
        return String.join("\n", lines) + "\n";
    }
}
