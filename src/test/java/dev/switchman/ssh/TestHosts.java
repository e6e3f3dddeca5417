package dev.switchman.ssh;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Network.Ipam;

import dev.switchman.lab.Engine;
import dev.switchman.topology.Account;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.PromotionRole;
import dev.switchman.topology.Secret;
import dev.switchman.topology.SshAccess;
import dev.switchman.topology.TlsMode;

/** Containers that are hosts with sshd and mysqld, at fixed addresses of a network that leads nowhere. */
public final class TestHosts implements AutoCloseable {

    private static final String LABEL = "dev.switchman.test";
    private static final String IMAGE = "switchman/mysql-node:";
    private static final String PREFIX = "10.77.2.";

    private final DockerClient docker;
    private final String name;
    private final Path directory;
    private final Map<String, String> containers = new ConcurrentHashMap<>();

    /** @param name of this test; what an earlier run of it left is removed */
    public TestHosts(String name, Path directory) throws IOException, GeneralSecurityException {
        this.docker = Engine.client(IMAGE + "9.7", IMAGE + "9.7-systemd");
        this.name = "switchman-test-" + name;
        this.directory = directory;
        removeLeftovers();
        docker.createNetworkCmd()
                .withName(this.name)
                .withInternal(true)
                .withIpam(
                        new Ipam().withConfig(new Ipam.Config().withSubnet(PREFIX + "0/24").withGateway(PREFIX + "1")))
                .withLabels(Map.of(LABEL, this.name))
                .exec();
        TestKeys.write(TestKeys.ed25519(), key());
        Files.writeString(knownHosts(), "");
    }

    private Path key() {
        return directory.resolve("id");
    }

    public Path knownHosts() {
        return directory.resolve("known_hosts");
    }

    public static String address(int last) {
        return PREFIX + last;
    }

    /** Starts a host; {@link #awaitReady} waits for it. */
    public Node start(String host, int last, String tag, Optional<String> unit) throws IOException {
        boolean systemd = tag.endsWith("systemd");
        HostConfig config = HostConfig.newHostConfig()
                .withInit(!systemd)
                .withNetworkMode(name)
                .withCapAdd(systemd
                        ? new Capability[]{Capability.NET_ADMIN, Capability.SYS_ADMIN}
                        : new Capability[]{Capability.NET_ADMIN})
                .withSysctls(Map.of("net.ipv4.ip_forward", "0"));
        if (systemd) {
            config.withSecurityOpts(List.of("seccomp=unconfined", "apparmor=unconfined")).withCgroupnsMode("private");
        }
        String id = docker.createContainerCmd(IMAGE + tag)
                .withName(name + "-" + host)
                .withIpv4Address(address(last))
                .withLabels(Map.of(LABEL, name))
                .withEnv("SERVER_ID=" + last, "ADMIN_PASSWORD=secret",
                        "AUTHORIZED_KEY=" + Files.readString(directory.resolve("id.pub")).strip())
                .withHostConfig(config)
                .exec()
                .getId();
        docker.startContainerCmd(id).exec();
        containers.put(address(last), id);
        Account nobody = new Account("nobody", new Secret("nothing"));
        return new Node(NodeId.of(address(last), 3306), PromotionRole.ALLOWED, false, nobody, TlsMode.values()[0],
                new SshAccess("root", 22, key(), knownHosts()), unit);
    }

    public void awaitReady(Node node) throws IOException {
        exec(node, "timeout 60 sh -c 'until ss -ltn | grep -q :22 && ss -ltn | grep -q :3306; do sleep 0.05; done'");
    }

    /** Writes the ed25519 key of each node's host, and no other, although the hosts have ECDSA keys too. */
    public void trust(Node... nodes) throws IOException {
        Map<String, String> lines = new LinkedHashMap<>();
        for (Node node : nodes) {
            String[] words = exec(node, "cat /etc/ssh/ssh_host_ed25519_key.pub").split(" ");
            lines.put(node.id().host().name(), words[0] + " " + words[1]);
        }
        List<String> text = new ArrayList<>();
        lines.forEach((host, key) -> text.add(host + " " + key));
        Files.write(knownHosts(), text);
    }

    /** Runs a script in the host, beside ssh. @return what it printed */
    public String exec(Node node, String script) throws IOException {
        String id = docker.execCreateCmd(container(node))
                .withCmd("bash", "-c", script)
                .withAttachStdout(true)
                .withAttachStderr(true)
                .exec()
                .getId();
        StringBuilder output = new StringBuilder();
        try (ResultCallback.Adapter<Frame> callback = new ResultCallback.Adapter<>() {
            @Override
            public void onNext(Frame frame) {
                output.append(new String(frame.getPayload(), StandardCharsets.UTF_8));
            }
        }) {
            docker.execStartCmd(id).exec(callback);
            if (!callback.awaitCompletion(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("had not ended after 60 s: " + script);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        Long status = docker.inspectExecCmd(id).exec().getExitCodeLong();
        if (status == null || status != 0) {
            throw new IllegalStateException(script + " ended with " + status + ": " + output);
        }
        return output.toString().strip();
    }

    public void pause(Node node) {
        docker.pauseContainerCmd(container(node)).exec();
    }

    public void unpause(Node node) {
        docker.unpauseContainerCmd(container(node)).exec();
    }

    private String container(Node node) {
        return Optional.ofNullable(containers.get(node.id().host().name())).orElseThrow();
    }

    private void removeLeftovers() {
        docker.listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(Map.of(LABEL, name))
                .exec()
                .forEach(container -> docker.removeContainerCmd(container.getId())
                        .withForce(true)
                        .withRemoveVolumes(true)
                        .exec());
        docker.listNetworksCmd().withFilter("label", List.of(LABEL + "=" + name)).exec().forEach(network -> {
            try {
                docker.removeNetworkCmd(network.getId()).exec();
            } catch (NotFoundException e) {
                throw new IllegalStateException("two runs of " + name + " at the same time", e);
            }
        });
    }

    @Override
    public void close() throws IOException {
        removeLeftovers();
        docker.close();
    }
}
