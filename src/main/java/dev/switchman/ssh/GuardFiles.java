package dev.switchman.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.Guard;
import dev.switchman.topology.Node;
import dev.switchman.topology.Sha256;

/** What the node guard is on a host: a program, its unit, its settings, and the login of its own server. */
final class GuardFiles {

    static final String PROGRAM = "/usr/local/sbin/switchman-guard";
    private static final String UNIT = "/etc/systemd/system/switchman-guard@.service";
    private static final String SETTINGS = "/etc/switchman-guard/";

    private GuardFiles() {}

    /** @param mode for {@code chmod} */
    record File(String path, String mode, byte[] content) {

        File(String path, String mode, String text) {
            this(path, mode, text.getBytes(StandardCharsets.UTF_8));
        }

        String digest() {
            return Sha256.of(content);
        }
    }

    /** @return what every user may read, and is held against what is there: program, unit, settings */
    static List<File> open(Cluster cluster, Node node, Guard guard) {
        return List.of(
                new File(PROGRAM, "755", resource("switchman-guard")),
                new File(UNIT, "644", resource("switchman-guard@.service")),
                new File(SETTINGS + node.id().port() + ".conf", "644", settings(cluster, node, guard)));
    }

    static File login(Node node) {
        return new File(SETTINGS + node.id().port() + ".cnf", "600", """
                [client]
                user = "%s"
                password = "%s"
                """.formatted(escaped(node.mysql().user()), escaped(node.mysql().password().reveal())));
    }

    private static String settings(Cluster cluster, Node node, Guard guard) {
        StringBuilder text = new StringBuilder("# Written by switchman adopt: cluster " + cluster.name()
                + ". Milliseconds.\nhost=" + node.id().host() + "\n");
        cluster.virtualIp()
                .ifPresent(ip -> text.append("address=")
                        .append(ip.address())
                        .append("\nprefix=")
                        .append(ip.prefix())
                        .append("\ndevice=")
                        .append(ip.device())
                        .append('\n'));
        return text.append("lease=")
                .append(guard.lease().toMillis())
                .append("\nfreeze=")
                .append(cluster.detection().shortestLoss().toMillis())
                .append('\n')
                .toString();
    }

    /** As MySQL's option files want it between quotes. */
    private static String escaped(String text) {
        return text.replace("\\", "\\\\");
    }

    private static byte[] resource(String name) {
        try (InputStream in = GuardFiles.class.getResourceAsStream("guard/" + name)) {
            if (in == null) {
                throw new IllegalStateException("not in the jar: guard/" + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
