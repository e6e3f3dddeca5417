package dev.switchman.lab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A disk of its own for a node's binary logs: a file system in a file, which {@code fsfreeze} lets stand still. Every write to it
 * waits in the kernel then, as it does while the storage below a server does not answer; not even SIGKILL ends it. Done
 * from a container that may mount and enters the node's mount name space, because the node itself may not.
 */
final class OwnDisk {

    private static final Duration COMMAND = Duration.ofSeconds(30);
    /** A lab whose process was killed meanwhile could not be removed: nothing on it can be ended. */
    private static final int LONGEST_SECONDS = 300;

    private static final String MAKE = """
            set -e
            [ -e /dev/loop-control ] || mknod /dev/loop-control c 10 237
            for n in 0 1 2 3 4 5 6 7; do [ -e /dev/loop$n ] || mknod /dev/loop$n b 7 $n; done
            truncate -s 300M /own-disk
            mkfs.ext4 -q -F /own-disk
            mkdir -p /own-disk-new
            mount -o loop /own-disk /own-disk-new
            cp -a "$1"/. /own-disk-new/
            chmod 1777 /own-disk-new
            mount --move /own-disk-new "$1"
            """;
    private static final String STALL = """
            trap 'fsfreeze -u "$1"; exit' TERM
            fsfreeze -f "$1" && echo stands
            sleep %d &
            wait
            fsfreeze -u "$1"
            """.formatted(LONGEST_SECONDS);

    private final Engine engine;
    private final String container;
    private final String image;
    private final String directory;

    /** @param image of the node; it has {@code mkfs.ext4} and {@code fsfreeze} */
    OwnDisk(Engine engine, String container, String image, String directory) {
        this.engine = engine;
        this.container = container;
        this.image = image;
        this.directory = directory;
    }

    /** What the directory holds moves there. Nobody may write to it meanwhile. */
    void make() {
        within(List.of("--rm"), MAKE);
    }

    /** Returns when no write passes any more. Ends by itself after five minutes. */
    void stall() {
        within(List.of("--rm", "--detach", "--name", stalling()), STALL);
        Eventually.until("stands still", COMMAND,
                () -> docker(List.of("logs", stalling())).contains("stands")
                        ? Optional.empty()
                        : Optional.of("not yet"));
    }

    void goOn() {
        docker(List.of("stop", "--time", "20", stalling()));
    }

    private String stalling() {
        return "switchman-stall-" + container.substring(0, 12);
    }

    private void within(List<String> options, String script) {
        List<String> command = new ArrayList<>(List.of("run", "--pid", "host", "--init", "--cap-add", "SYS_ADMIN",
                "--cap-add", "SYS_PTRACE", "--cap-add", "MKNOD", "--device-cgroup-rule", "b 7:* rwm",
                "--device-cgroup-rule", "c 10:237 rwm", "--security-opt", "apparmor=unconfined", "--security-opt",
                "seccomp=unconfined"));
        command.addAll(options);
        command.addAll(List.of("--entrypoint", "nsenter", image, "--target", String.valueOf(engine.pid(container)),
                "--mount", "--", "sh", "-c", script, "sh", directory));
        docker(command);
    }

    private static String docker(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("docker"));
        command.addAll(arguments);
        Shell.Ended ended = Shell.run(command, COMMAND);
        if (ended.status() != 0) {
            throw new LabException(String.join(" ", command) + ": " + ended.output());
        }
        return ended.output();
    }
}
