package dev.switchman.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Network;
import com.github.dockerjava.api.model.Network.Ipam;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.dockerclient.DockerClientProviderStrategy;

/**
 * The Docker engine, as far as a lab needs it: containers with fixed addresses in an internal network, found again by
 * their labels. It is reached through Testcontainers, which finds it wherever it is; the containers are the lab's own
 * and not Testcontainers', because Testcontainers removes its containers on its own account when the JVM ends, be a
 * manager still probing them or not.
 */
public final class Engine {

    /** On each container and network: the id of its lab. */
    static final String LAB = "dev.switchman.lab";
    /** On each container and network: {@link Owner}. */
    static final String OWNER = "dev.switchman.lab.owner";

    /** On each container: the folder of its lab. */
    static final String DIRECTORY = "dev.switchman.lab.directory";

    private static final Duration COMMAND = Duration.ofSeconds(60);
    private static final Duration IMAGES = Duration.ofMinutes(20);

    private final DockerClient docker;

    private Engine(DockerClient docker) {
        this.docker = docker;
    }

    /** Makes sure that an engine answers and has the images, which takes minutes on a machine that never had them. */
    static Engine with(String... images) {
        return new Engine(client(images));
    }

    /**
     * A client of an engine that answers and has these images; installs, starts and builds what is missing. Whatever
     * uses Testcontainers calls this first: Testcontainers remembers for the whole JVM that it found no engine.
     *
     * @throws LabException
     *             when no engine or image can be had; the reason stands on the error stream
     */
    public static DockerClient client(String... images) {
        Path scripts = home().resolve("docker");
        script(scripts.resolve("engine"));
        script(scripts.resolve("images"), images);
        // Not DockerClientFactory.client(): it pulls an image to find the host's address where the JVM is in a container
        // itself, and starts or warns about the reaper. Neither is needed here.
        return DockerClientProviderStrategy
                .getClientForConfig(DockerClientFactory.instance().getTransportConfig());
    }

    static Path home() {
        Path home = Path.of(System.getProperty("switchman.home", "")).toAbsolutePath().normalize();
        if (!Files.isExecutable(home.resolve("docker/engine"))) {
            throw new LabException(home + " has no docker/engine: start in the project's directory, or name it with"
                    + " -Dswitchman.home=DIR");
        }
        return home;
    }

    /** What a script has to say is shown as it says it: on a new machine it works for minutes. */
    private static void script(Path file, String... arguments) {
        List<String> command = new ArrayList<>(List.of(file.toString()));
        command.addAll(List.of(arguments));
        int status = Shell.runTalking(command, IMAGES);
        if (status != 0) {
            throw new LabException(file + " failed, status " + status + "; its messages stand above");
        }
    }

    /** @return the new network's id, or empty text when the subnet is taken */
    String createNetwork(String name, Subnet subnet, Map<String, String> labels) {
        try {
            return docker.createNetworkCmd()
                    .withName(name)
                    .withDriver("bridge")
                    .withInternal(true)
                    .withIpam(new Ipam().withConfig(
                            new Ipam.Config().withSubnet(subnet.cidr()).withGateway(subnet.gateway())))
                    .withLabels(labels)
                    .exec()
                    .getId();
        } catch (DockerException e) {
            if (String.valueOf(e.getMessage()).contains("overlaps")) {
                return "";
            }
            throw e;
        }
    }

    /**
     * @param memoryDisks file systems in memory, by their mount point, with their options
     * @return the new container's id; it runs
     */
    String startNode(String name, String image, String network, String address, Map<String, String> environment,
            Map<String, String> labels, Map<String, String> memoryDisks) {
        return start(container(name, image, network, address, labels, memoryDisks)
                .withEnv(environment.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList()));
    }

    /** A host on which nothing runs but what is {@link #exec}uted there. @return the new container's id; it runs */
    String startHost(String name, String image, String network, String address, Map<String, String> labels) {
        return start(container(name, image, network, address, labels, Map.of())
                .withEntrypoint("sleep", "infinity"));
    }

    /** A container in this machine's own network, without rights there. @return the new container's id; it runs */
    String startBeside(String name, String image, Map<String, String> labels, long sharedMemory, String... arguments) {
        return start(docker.createContainerCmd(image)
                .withName(name)
                .withLabels(labels)
                .withCmd(arguments)
                .withHostConfig(HostConfig.newHostConfig()
                        .withInit(true)
                        .withNetworkMode("host")
                        .withShmSize(sharedMemory)));
    }

    private CreateContainerCmd container(String name, String image, String network, String address,
            Map<String, String> labels, Map<String, String> memoryDisks) {
        return docker.createContainerCmd(image)
                .withName(name)
                .withHostName(name)
                .withIpv4Address(address)
                .withLabels(labels)
                .withHostConfig(HostConfig.newHostConfig()
                        .withInit(true)
                        .withNetworkMode(network)
                        .withCapAdd(Capability.NET_ADMIN)
                        .withTmpFs(memoryDisks)
                        .withSysctls(Map.of("net.ipv4.ip_forward", "0")));
    }

    private String start(CreateContainerCmd container) {
        String id = container.exec().getId();
        docker.startContainerCmd(id).exec();
        return id;
    }

    /** Runs one command in a container and waits for its end. */
    Shell.Ended exec(String container, List<String> command) {
        String id = docker.execCreateCmd(container)
                .withCmd(command.toArray(String[]::new))
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
            if (!callback.awaitCompletion(COMMAND.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new LabException(
                        String.join(" ", command) + " had not ended after " + COMMAND.toSeconds() + " s");
            }
        } catch (IOException e) {
            throw new LabException("lost the output of " + String.join(" ", command) + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted while " + String.join(" ", command) + " ran", e);
        }
        Long status = docker.inspectExecCmd(id).exec().getExitCodeLong();
        return new Shell.Ended(status == null ? -1 : status.intValue(), output.toString().strip());
    }

    void pause(String container) {
        docker.pauseContainerCmd(container).exec();
    }

    void unpause(String container) {
        docker.unpauseContainerCmd(container).exec();
    }

    /** @param share of one core that all processes of the container may use together; 0 lifts the limit */
    void limitCpu(String container, double share) {
        long period = 100_000;
        docker.updateContainerCmd(container)
                .withCpuPeriod(period)
                .withCpuQuota(share == 0 ? -1L : (long) (share * period))
                .exec();
    }

    /** @return the container's first process, as this machine counts them */
    long pid(String container) {
        Long pid = docker.inspectContainerCmd(container).exec().getState().getPidLong();
        if (pid == null) {
            throw new LabException("container " + container + " does not run");
        }
        return pid;
    }

    boolean isPaused(String container) {
        return Boolean.TRUE.equals(docker.inspectContainerCmd(container).exec().getState().getPaused());
    }

    /** @return the containers of every lab on this engine, the stopped ones too */
    List<Container> containers() {
        return docker.listContainersCmd().withShowAll(true).withLabelFilter(List.of(LAB)).exec();
    }

    List<Container> containers(String lab) {
        return docker.listContainersCmd().withShowAll(true).withLabelFilter(Map.of(LAB, lab)).exec();
    }

    /** @return the networks of every lab on this engine */
    List<Network> networks() {
        return docker.listNetworksCmd().withFilter("label", Set.of(LAB)).exec();
    }

    List<Network> networks(String lab) {
        return docker.listNetworksCmd().withFilter("label", Set.of(LAB + "=" + lab)).exec();
    }

    /** Repeatable; also for a container that runs, is paused, or is being removed by somebody else. */
    void removeContainer(String container) {
        try {
            docker.removeContainerCmd(container).withForce(true).withRemoveVolumes(true).exec();
        } catch (NotFoundException e) {
            return;
        } catch (ConflictException e) {
            if (!String.valueOf(e.getMessage()).contains("already in progress")) {
                throw e;
            }
        }
        Eventually.until("removed", COMMAND, () -> {
            try {
                docker.inspectContainerCmd(container).exec();
                return Optional.of("container " + container);
            } catch (NotFoundException e) {
                return Optional.empty();
            }
        });
    }

    void removeNetwork(String network) {
        try {
            docker.removeNetworkCmd(network).exec();
        } catch (NotFoundException e) {
            // Somebody else was faster.
        }
    }

    /** Runs {@code ip} on this machine, in a container where this process may not. */
    Shell.Ended hostIp(String image, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(arguments);
        if (Files.isWritable(Path.of("/proc/sys/net/ipv4/ip_forward")) && Files.isExecutable(Path.of("/usr/sbin/ip"))) {
            return Shell.run(command, COMMAND);
        }
        List<String> docker = new ArrayList<>(List.of("docker", "run", "--rm", "--network", "host", "--cap-add",
                "NET_ADMIN", "--entrypoint", "ip", image));
        docker.addAll(arguments);
        return Shell.run(docker, COMMAND);
    }
}
