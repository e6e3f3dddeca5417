package dev.switchman.verdict;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.switchman.topology.Disk;
import dev.switchman.topology.Failure;
import dev.switchman.topology.Host;
import dev.switchman.topology.HostView;
import dev.switchman.topology.HostView.Ending;
import dev.switchman.topology.HostView.Unit;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Observation;
import dev.switchman.topology.PeerView;
import dev.switchman.topology.PeerView.Hearing;
import dev.switchman.topology.Ping;
import dev.switchman.topology.PortProbe;
import dev.switchman.topology.ReplicaState.Receiver;
import dev.switchman.topology.Snapshot;
import dev.switchman.topology.Suspicion;
import dev.switchman.topology.WitnessView;
import dev.switchman.topology.WriteMode;

import static dev.switchman.verdict.Specimens.DB1;
import static dev.switchman.verdict.Specimens.DB2;
import static dev.switchman.verdict.Specimens.DB3;
import static dev.switchman.verdict.Specimens.NOON;
import static dev.switchman.verdict.Specimens.channel;
import static dev.switchman.verdict.Specimens.seen;
import static dev.switchman.verdict.Specimens.server;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

/**
 * The matrix of what is known about a primary that failed to answer. Words in the tables:
 * <ul>
 * <li>reconnect: answers, busy (1040), unclear, down (1053), refused, broken, silent
 * <li>host: gone (no process, killed), clean, restarting (no process, unit changing, ending unknown), again (killed, unit
 * changing), failed, masked (both after a clean end), idle (unit inactive, ending unknown), deaf (process, nobody
 * listens), runs (process, listening), other (no process, something listens), closed, silent
 * <li>peer: a letter for the probe (g greeted, m mute, r refused, t timed out, - abstained), one for the hearing (h hears,
 * l lost, ? unknown) and one for the receiver (r running, c connecting with 2003, s stopped, 0 the replica itself does
 * not answer)
 * </ul>
 */
class LostPrimaryTest {

    private static final Map<String, Failure> FAILURES = Map.of(
            "busy", new Failure.ErrorPacket(1040, "Too many connections"),
            "unclear", new Failure.Unclear("tls"),
            "down", new Failure.ShuttingDown(),
            "refused", new Failure.Refused("connect"),
            "broken", new Failure.Broken("reset"),
            "silent", new Failure.TimedOut(Duration.ofSeconds(1), "connect"));

    private static final Map<String, HostView> HOSTS = Map.ofEntries(
            Map.entry("gone", view(false, false, Unit.NONE, Ending.KILLED)),
            Map.entry("unknown", view(false, false, Unit.NONE, Ending.UNKNOWN)),
            Map.entry("clean", view(false, false, Unit.NONE, Ending.CLEAN)),
            Map.entry("restarting", view(false, false, Unit.CHANGING, Ending.UNKNOWN)),
            Map.entry("again", view(false, false, Unit.CHANGING, Ending.KILLED)),
            Map.entry("failed", view(false, false, Unit.FAILED, Ending.CLEAN)),
            Map.entry("masked", view(false, false, Unit.MASKED, Ending.CLEAN)),
            Map.entry("idle", view(false, false, Unit.INACTIVE, Ending.UNKNOWN)),
            Map.entry("deaf", view(true, false, Unit.ACTIVE, Ending.RUNNING)),
            Map.entry("runs", view(true, true, Unit.ACTIVE, Ending.RUNNING)),
            Map.entry("other", view(false, true, Unit.NONE, Ending.UNKNOWN)),
            Map.entry("closed", new HostView.Closed("login refused")),
            Map.entry("silent", new HostView.Silent("no answer")));

    private static HostView view(boolean mysqld, boolean listening, Unit unit, Ending ending) {
        return new HostView.Seen(mysqld, listening, unit, ending, Set.of("10.0.0.1"), Disk.used(50));
    }

    private static <T> T of(Map<String, T> words, String word) {
        return Optional.ofNullable(words.get(word)).orElseThrow(() -> new IllegalArgumentException(word));
    }

    private static Ping ping(String word) {
        return word.equals("answers") ? new Ping.Answered(Duration.ofMillis(2)) : new Ping.Failed(of(FAILURES, word));
    }

    private static PeerView peer(NodeId node, String word) {
        PortProbe probe = switch (word.charAt(0)) {
            case 'g' -> new PortProbe.Greeted();
            case 'm' -> new PortProbe.Mute();
            case 'r' -> new PortProbe.Refused();
            case 't' -> new PortProbe.TimedOut();
            default -> new PortProbe.Abstained("no ssh");
        };
        Hearing hearing = switch (word.charAt(1)) {
            case 'h' -> Hearing.HEARS;
            case 'l' -> Hearing.LOST;
            default -> Hearing.UNKNOWN;
        };
        Observation server = switch (word.charAt(2)) {
            case 'r' -> replica(node, Receiver.RUNNING, 0);
            case 'c' -> replica(node, Receiver.CONNECTING, 2003);
            case 's' -> replica(node, Receiver.STOPPED, 0);
            default -> new Observation.Unseen(node, NOON, of(FAILURES, "silent"));
        };
        return new PeerView(node, server, hearing, probe);
    }

    private static Observation replica(NodeId node, Receiver receiver, int errno) {
        return seen(node, server(node, WriteMode.SUPER_READ_ONLY, Optional.of(channel(DB1, receiver, errno))));
    }

    /** @param failures of 2 that are demanded; {@code +} behind it: 31 seconds have passed, the grace is over */
    private static Verdict verdict(String first, String reconnect, String failures, int witnesses, String host,
            String db2, String db3) {
        Suspicion suspicion = new Suspicion(DB1, NOON, Integer.parseInt(failures.replace("+", "")),
                of(FAILURES, first), ping(reconnect), of(HOSTS, host), List.of(peer(DB2, db2), peer(DB3, db3)));
        return Diagnosis.of(new Snapshot(Specimens.cluster(2, witnesses),
                NOON.plusSeconds(failures.endsWith("+") ? 31 : 1), NOON, Optional.of(DB1), Set.of(), Map.of(), Map.of(),
                Optional.of(suspicion)));
    }

    private static Verdict verdict(int witnesses, String replica, PortProbe... outsiders) {
        List<WitnessView> views = Stream.of(outsiders).map(probe -> new WitnessView(new Host("mon"), probe)).toList();
        Suspicion suspicion = new Suspicion(DB1, NOON, 2, of(FAILURES, "silent"), ping("silent"), of(HOSTS, "silent"),
                List.of(peer(DB2, replica), peer(DB3, replica)), views);
        return Diagnosis.of(new Snapshot(Specimens.cluster(2, witnesses), NOON.plusSeconds(1), NOON, Optional.of(DB1),
                Set.of(), Map.of(), Map.of(), Optional.of(suspicion)));
    }

    @Test
    void witnessHostsVoteBesideTheReplicas() {
        PortProbe lost = new PortProbe.TimedOut();

        assertThat(verdict(3, "t?r").word()).isEqualTo("host-lost");
        assertThat(verdict(4, "t?r", lost, lost).word()).isEqualTo("host-lost");
        assertThat(verdict(1, "t?r", lost, new PortProbe.Greeted()).word()).isEqualTo("isolated-from-us");
        assertThat(verdict(1, "t?r", new PortProbe.Mute()).word()).isEqualTo("hung");
    }

    @Test
    void aWitnessHostThatCannotAnswerAbstains() {
        PortProbe none = new PortProbe.Abstained("no ssh");

        Verdict verdict = verdict(4, "t?r", none, none);

        assertThat(verdict.word()).isEqualTo("host-lost");
        assertThat(verdict.sentence()).contains("witness mon port not tried: no ssh");
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            # first, reconnect, failures, witnesses, host,   db2, db3, verdict
            # -- it answers
            silent,  answers, 5,  1, runs,       t?r, t?r, busy
            silent,  busy,    5,  1, silent,     t?r, t?r, busy
            broken,  busy,    9+, 1, gone,       r?c, r?c, busy
            silent,  unclear, 9+, 1, silent,     t?r, t?r, unclear
            broken,  unclear, 9+, 1, gone,       r?c, r?c, unclear
            down,    down,    1,  1, runs,       g?r, g?r, shutting-down
            down,    down,    9+, 1, runs,       g?r, g?r, hung
            down,    down,    9+, 1, runs,       g?0, g?0, everything-lost
            # -- a crash that all agree on is declared at the first failure
            broken,  refused, 1,  1, gone,       r?c, r?c, crashed
            broken,  refused, 1,  2, unknown,    r?r, r?c, crashed
            broken,  broken,  1,  1, gone,       r?c, r?c, crashed
            broken,  refused, 1,  1, gone,       -?c, -?0, crashed
            broken,  refused, 1,  1, gone,       -?s, -?0, crashed
            broken,  refused, 1,  1, again,      r?c, r?c, crashed
            broken,  refused, 1,  1, failed,     r?c, r?c, crashed
            broken,  refused, 1,  1, masked,     r?c, r?c, crashed
            silent,  silent,  1,  1, gone,       r?c, t?c, crashed
            # -- a receiver that still runs may be about to notice
            broken,  refused, 1,  1, gone,       -?r, r?c, suspected
            broken,  refused, 2,  1, gone,       -?r, r?c, crashed
            broken,  refused, 1,  1, gone,       -hr, r?c, isolated-from-us
            # -- in good order: grace, then it counts as lost
            broken,  refused, 5,  1, clean,      r?c, r?c, restarting
            broken,  refused, 5,  1, restarting, r?c, r?c, restarting
            broken,  refused, 5,  1, idle,       r?c, r?c, restarting
            broken,  refused, 5,  1, deaf,       r?c, r?c, restarting
            down,    refused, 5,  1, unknown,    r?c, r?c, restarting
            broken,  refused, 5+, 1, clean,      r?c, r?c, crashed
            broken,  refused, 5+, 1, restarting, r?c, r?c, crashed
            broken,  refused, 5+, 1, deaf,       r?c, r?c, crashed
            # -- ssh says nothing, and the port is refused to everybody
            broken,  refused, 1,  1, silent,     r?c, r?c, suspected
            broken,  refused, 2,  1, silent,     r?c, r?c, crashed
            broken,  refused, 2,  2, closed,     r?c, r?c, crashed
            down,    refused, 2,  1, closed,     r?c, r?c, restarting
            down,    refused, 2+, 1, closed,     r?c, r?c, crashed
            broken,  refused, 2,  1, closed,     -?s, -?s, suspected
            broken,  refused, 2,  1, silent,     g?c, r?c, isolated-from-us
            broken,  broken,  2,  1, silent,     r?c, r?c, hung
            # -- silence
            silent,  silent,  1,  1, silent,     t?r, t?r, suspected
            silent,  silent,  2,  1, silent,     t?r, t?r, host-lost
            silent,  silent,  2,  2, silent,     t?r, t?r, host-lost
            silent,  silent,  2,  9, silent,     t?r, t?r, host-lost
            silent,  silent,  2,  2, silent,     t?r, -?0, host-lost
            silent,  silent,  2,  1, silent,     -lr, -?r, host-lost
            silent,  silent,  2,  1, silent,     -?c, -?r, host-lost
            silent,  silent,  9+, 1, silent,     -?r, -?r, suspected
            silent,  silent,  2,  0, silent,     -?r, -?r, host-lost
            silent,  silent,  2,  1, silent,     m?r, t?r, hung
            silent,  silent,  2,  1, closed,     t?r, t?r, hung
            silent,  silent,  2,  1, runs,       m?r, m?r, hung
            silent,  silent,  1,  1, runs,       m?r, m?r, suspected
            silent,  silent,  2,  1, silent,     r?c, r?c, crashed
            silent,  silent,  2,  1, other,      r?c, r?c, crashed
            silent,  refused, 2,  1, runs,       r?c, r?c, hung
            # -- one that still reaches it is a veto
            silent,  silent,  9+, 1, silent,     g?r, t?r, isolated-from-us
            silent,  silent,  9+, 0, silent,     t?r, thr, isolated-from-us
            silent,  silent,  9+, 1, runs,       m?r, mhr, busy
            silent,  silent,  9+, 1, runs,       g?r, m?r, isolated-from-us
            # what a receiver that has stopped heard before is no veto
            silent,  silent,  2,  1, silent,     thc, ths, host-lost
            # -- nobody to fail over to
            silent,  silent,  9+, 1, silent,     t?0, t?0, everything-lost
            broken,  refused, 9+, 1, gone,       r?0, r?0, everything-lost
            silent,  silent,  9+, 1, silent,     g?0, t?0, isolated-from-us
            """)
    void evidenceGivesItsVerdict(String first, String reconnect, String failures, int witnesses, String host,
            String db2, String db3, String expected) {
        Verdict verdict = verdict(first, reconnect, failures, witnesses, host, db2, db3);

        assertThat(verdict.word()).as(verdict.sentence()).isEqualTo(expected);
    }

    /** Every combination at once: what must hold whatever is seen. */
    @TestFactory
    Stream<DynamicTest> everyCombinationKeepsThePrinciples() {
        List<String> peers = new ArrayList<>();
        for (String probe : List.of("g", "m", "r", "t", "-")) {
            for (String hearing : List.of("h", "l", "?")) {
                for (String receiver : List.of("r", "c", "s", "0")) {
                    peers.add(probe + hearing + receiver);
                }
            }
        }
        return Stream.of("answers", "busy", "unclear", "down", "refused", "broken", "silent")
                .flatMap(reconnect -> HOSTS.keySet()
                        .stream()
                        .map(host -> DynamicTest.dynamicTest(
                                reconnect + ", host " + host, () -> {
                                    for (String first : List.of("broken", "down")) {
                                        for (String failures : List.of("1", "2+")) {
                                            for (String db2 : peers) {
                                                for (String db3 : List.of("g?r", "t?r", "r?c", "-?0")) {
                                                    holds(first, reconnect, failures, host, db2, db3);
                                                }
                                            }
                                        }
                                    }
                                })));
    }

    private static void holds(String first, String reconnect, String failures, String host, String db2, String db3) {
        Verdict verdict = verdict(first, reconnect, failures, 1, host, db2, db3);
        boolean vetoed = db2.startsWith("g") || db3.startsWith("g") || db2.endsWith("hr");
        List<String> broken = new ArrayList<>();
        if (!verdict.sentence().contains(DB1.toString())) {
            broken.add("the sentence names the primary");
        }
        if (verdict.primaryLost() && !List.of("down", "refused", "broken", "silent").contains(reconnect)) {
            broken.add("what answers, or says nothing of the server, is not lost");
        }
        if (verdict.primaryLost() && db2.endsWith("0") && db3.endsWith("0")) {
            broken.add("no loss with nobody left");
        }
        if (verdict.primaryLost() && !reconnect.equals("down") && vetoed) {
            broken.add("no loss against a veto");
        }
        if (verdict.primaryLost() && failures.equals("1")
                && !List.of("gone", "unknown", "again", "failed", "masked").contains(host)) {
            broken.add("an early loss needs the host's word");
        }
        if (!broken.isEmpty()) {
            fail(broken + " in " + List.of(first, reconnect, failures, host, db2, db3) + ": " + verdict.sentence());
        }
    }

    @Test
    void aQuarantinedServerAloneIsNobodyToFailOverTo() {
        Suspicion suspicion = new Suspicion(DB1, NOON, 5, of(FAILURES, "silent"), ping("silent"), of(HOSTS, "silent"),
                List.of(peer(DB2, "t?r"), peer(DB3, "t?0")));
        Snapshot snapshot = new Snapshot(Specimens.cluster(2, 1), NOON, NOON, Optional.of(DB1), Set.of(DB2), Map.of(),
                Map.of(), Optional.of(suspicion));

        assertThat(Diagnosis.of(snapshot)).isInstanceOf(Verdict.EverythingLost.class);
    }

    @Test
    void theEvidenceReadsAsASentence() {
        assertThat(verdict("broken", "refused", "1", 1, "gone", "r?c", "-?0").sentence()).isEqualTo(
                "db1:3306 has crashed (connection refused: connect; 1 failed ping; its host says: no mysqld, nobody"
                        + " listens, ended killed; db2:3306 receiver connecting, port refused, db3:3306 does not answer"
                        + " itself, port not tried: no ssh). A failover is due.");
    }
}
