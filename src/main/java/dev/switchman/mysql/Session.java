package dev.switchman.mysql;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;

import dev.switchman.topology.Action;
import dev.switchman.topology.Failure;
import dev.switchman.topology.Host;
import dev.switchman.topology.Node;

/** One operator's call on one server: statements under one deadline, each told to the listener on the caller's thread. */
final class Session implements AutoCloseable {

    private static final int UNKNOWN_THREAD = 1094;
    private static final int NOT_ITS_OWNER = 1095;

    private final Connections connections;
    private final Action.Listener listener;
    private final Deadline deadline;
    private Link link;
    private boolean usable = true;
    private boolean changed;
    private boolean left;

    private Session(Connections connections, Action.Listener listener, Deadline deadline, Link link) {
        this.connections = connections;
        this.listener = listener;
        this.deadline = deadline;
        this.link = link;
    }

    /** Takes a kept connection that still answers, or a new one. */
    static Session open(Connections connections, Action.Listener listener, Node node, Deadline deadline)
            throws NodeFailure {
        for (Link kept = connections.take(node); kept != null; kept = connections.take(node)) {
            try {
                if (!kept.fresh()) {
                    connections.on(kept, deadline, link -> link.text("SELECT 1"));
                }
                return new Session(connections, listener, deadline, kept);
            } catch (NodeFailure e) {
                if (!Connections.stale(e)) {
                    throw e;
                }
            }
        }
        return at(connections, listener, node, node.id().host(), deadline);
    }

    /** A new connection to a host that need not be the node's own. */
    static Session at(Connections connections, Action.Listener listener, Node node, Host host, Deadline deadline)
            throws NodeFailure {
        return new Session(connections, listener, deadline, connections.open(node, host, deadline));
    }

    Node node() {
        return link.node();
    }

    Dialect dialect() {
        return link.dialect();
    }

    Deadline deadline() {
        return deadline;
    }

    /** @return whether a statement that changes something was sent */
    boolean changed() {
        return changed;
    }

    /** Looks, without telling: in loops, and before anything is done. */
    <T> T look(Link.Work<T> work) throws NodeFailure {
        return look(deadline, work);
    }

    <T> T look(Deadline until, Link.Work<T> work) throws NodeFailure {
        try {
            return connections.on(link, until, work);
        } catch (NodeFailure e) {
            usable &= e.errno() != 0;
            throw e;
        }
    }

    /** Reads back one value, and tells it. */
    String readBack(String sql, Object... arguments) throws NodeFailure {
        Deadline took = Deadline.in(Duration.ZERO);
        try {
            String answer = look(open -> open.text(sql, arguments));
            tell(Sql.of(sql, arguments).shown(), took, answer);
            return answer;
        } catch (NodeFailure e) {
            tell(Sql.of(sql, arguments).shown(), took, e.failure().sentence());
            throw e;
        }
    }

    /** Changes something, and tells it. */
    void change(String sql, Object... arguments) throws NodeFailure {
        change(Sql.of(sql, arguments));
    }

    void change(Sql sql) throws NodeFailure {
        Deadline took = Deadline.in(Duration.ZERO);
        changed = true;
        try {
            look(open -> {
                open.execute(sql.text(), sql.arguments());
                return true;
            });
            tell(sql.shown(), took, "ok");
        } catch (NodeFailure e) {
            tell(sql.shown(), took, e.failure().sentence());
            throw e;
        }
    }

    /** Begins a change that may hang; whoever waits for it tells it. */
    Future<Boolean> begin(Deadline until, String sql) throws NodeFailure {
        changed = true;
        return connections.start(link, until, open -> {
            open.execute(sql, List.of());
            return true;
        });
    }

    /** Leaves the connection to work that may outlast this session. */
    Future<Boolean> leave(Deadline until, Link.Work<Boolean> work) throws NodeFailure {
        left = true;
        changed = true;
        return connections.start(link, until, open -> {
            try {
                return work.on(open);
            } finally {
                connections.discard(open);
            }
        });
    }

    boolean finished(Future<Boolean> change, Deadline until) throws NodeFailure {
        return connections.await(link, change, until);
    }

    void tell(String text, Deadline took, String answer) {
        listener.acted(new Action(node().id(), Action.Channel.SQL, text, took.spent(), answer));
    }

    /** Waits on the server's side. */
    void pause(Duration duration) throws NodeFailure {
        long millis = Math.min(duration.toMillis(), Math.max(1, deadline.left().toMillis() / 2));
        look(open -> open.text("SELECT SLEEP(?)", millis / 1000.0));
    }

    long connectionId() throws NodeFailure {
        return Long.parseLong(look(open -> open.text("SELECT CONNECTION_ID()")));
    }

    Optional<StateQuery.Channel> channel() throws NodeFailure {
        return look(StateQuery::channel);
    }

    /** One line of {@code SHOW PROCESSLIST}. */
    record Process(long id, String user, String command) {

        /** A client's: neither replication's nor the server's own. */
        boolean ordinary(String ownUser) {
            return !user.equals(ownUser) && !user.equals("system user") && !user.equals("event_scheduler")
                    && !command.startsWith("Binlog Dump") && !command.equals("Daemon");
        }
    }

    List<Process> processes() throws NodeFailure {
        return look(open -> open.query("SHOW PROCESSLIST", rows -> {
            List<Process> processes = new ArrayList<>();
            while (rows.next()) {
                processes.add(new Process(rows.getLong("Id"), rows.getString("User"), rows.getString("Command")));
            }
            return processes;
        }));
    }

    List<Process> ordinaryProcesses() throws NodeFailure {
        String own = node().mysql().user();
        return processes().stream().filter(process -> process.ordinary(own)).toList();
    }

    /** Ends the sessions of ordinary users that are there now. @return how many; ended, but they may still roll back */
    Set<Long> endSessions() throws NodeFailure {
        Deadline took = Deadline.in(Duration.ZERO);
        Set<Long> ended = new HashSet<>();
        List<String> users = new ArrayList<>();
        int kept = 0;
        for (Process process : ordinaryProcesses()) {
            if (kill(process.id)) {
                ended.add(process.id);
                users.add(process.user + "#" + process.id);
            } else {
                kept++;
            }
        }
        if (!ended.isEmpty() || kept > 0) {
            tell("KILL " + String.join(", ", users), took,
                    ended.size() + " sessions ended" + (kept == 0 ? "" : ", " + kept + " could not be (1095)"));
        }
        return ended;
    }

    /** @return false when this account may not end it; true also when it had ended by itself */
    boolean kill(long id) throws NodeFailure {
        changed = true;
        try {
            look(open -> {
                open.execute("KILL " + id, List.of());
                return true;
            });
            return true;
        } catch (NodeFailure e) {
            if (e.errno() == UNKNOWN_THREAD) {
                return true;
            }
            if (e.errno() == NOT_ITS_OWNER) {
                return false;
            }
            throw e;
        }
    }

    /** Waits until none of these connections is there any more. @return whether that came before {@code until} */
    boolean gone(Set<Long> ids, Deadline until) throws NodeFailure {
        while (processes().stream().anyMatch(process -> ids.contains(process.id))) {
            if (until.passed()) {
                return false;
            }
            pause(Duration.ofMillis(5));
        }
        return true;
    }

    /** Gives the connection up, with whatever is queued on it. */
    void abandon() {
        usable = false;
        connections.discard(link);
    }

    @Override
    public void close() {
        if (left) {
            return;
        }
        if (usable) {
            connections.giveBack(link);
        } else {
            connections.discard(link);
        }
    }

    static String why(Node node, NodeFailure e) {
        return node + " " + e.failure().sentence();
    }

    static boolean tooManyConnections(NodeFailure e) {
        return e.failure() instanceof Failure.ErrorPacket(int errno, String message) && errno == 1040;
    }
}
