package dev.switchman;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import dev.switchman.topology.Account;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Detection;
import dev.switchman.topology.Host;
import dev.switchman.topology.Limits;
import dev.switchman.topology.MailSettings;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.PingKind;
import dev.switchman.topology.Policies;
import dev.switchman.topology.PromotionRole;
import dev.switchman.topology.Secret;
import dev.switchman.topology.SshAccess;
import dev.switchman.topology.TlsMode;
import dev.switchman.topology.VirtualAddress;

/** Clusters for tests that need one to talk about. */
public final class ExampleClusters {

    public static final String MYSQL_PASSWORD = "mysql-pa55";

    private ExampleClusters() {}

    /** Three nodes db1 to db3, a virtual IP, no mail. */
    public static Cluster named(String name) {
        return new Cluster(new ClusterName(name), "test", List.of(node("db1"), node("db2"), node("db3")),
                Optional.of(new VirtualAddress(new Host("10.0.0.9"), 32, "eth0")),
                new Account("repl", new Secret("repl-pa55")), "switchman",
                new Detection(PingKind.SELECT, Duration.ofSeconds(1), Duration.ofSeconds(1), 3, 1,
                        Duration.ofSeconds(30)),
                limits(),
                new Policies(Policies.UnprovenFence.ACT, Policies.SemiSyncDegraded.LOWER,
                        Policies.ManagerLocks.MAJORITY),
                Optional.empty(),
                Optional.empty());
    }

    public static Cluster mailing(MailSettings mail) {
        Cluster plain = named("shop");
        return new Cluster(plain.name(), plain.tier(), plain.nodes(), plain.virtualIp(), plain.replication(),
                plain.pingSchema(), plain.detection(), plain.limits(), plain.policies(), Optional.of(mail),
                plain.shutdownHook());
    }

    private static Node node(String host) {
        return new Node(NodeId.of(host, 3306), PromotionRole.ALLOWED, false,
                new Account("switchman", new Secret(MYSQL_PASSWORD)), TlsMode.PREFERRED,
                new SshAccess("root", 22, Path.of("id_ed25519"), Path.of("known_hosts")), Optional.empty());
    }

    private static Limits limits() {
        Duration second = Duration.ofSeconds(1);
        return new Limits(second, second, second, second, second, second, second, second, second, second, second,
                second, second, second, second, second, second);
    }
}
