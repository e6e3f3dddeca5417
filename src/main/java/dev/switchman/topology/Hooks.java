package dev.switchman.topology;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The operator's scripts that are called as MHA calls them, and the commands that runbooks may run.
 *
 * @param masterIpFailover takes the address from a lost primary and gives it to the new one
 * @param masterIpOnlineChange does the same in a switchover
 * @param shutdown shuts down a lost primary's host
 * @param report is told of every failover's end
 * @param secondaryCheck says whether a silent primary is lost for others too
 * @param pidFile of mysqld, for the shutdown script
 * @param conf path that the report script is told as {@code --conf}
 * @param deadline of each call
 * @param commands what a box of a runbook may run by name, none twice
 */
public record Hooks(
        Optional<CommandWords> masterIpFailover,
        Optional<CommandWords> masterIpOnlineChange,
        Optional<CommandWords> shutdown,
        Optional<CommandWords> report,
        Optional<CommandWords> secondaryCheck,
        Optional<String> pidFile,
        Optional<String> conf,
        Duration deadline,
        List<HostCommand> commands) {

    public Hooks {
        commands = List.copyOf(commands);
    }

    /** Without commands for runbooks. */
    public Hooks(Optional<CommandWords> masterIpFailover, Optional<CommandWords> masterIpOnlineChange,
            Optional<CommandWords> shutdown, Optional<CommandWords> report, Optional<CommandWords> secondaryCheck,
            Optional<String> pidFile, Optional<String> conf, Duration deadline) {
        this(masterIpFailover, masterIpOnlineChange, shutdown, report, secondaryCheck, pidFile, conf, deadline,
                List.of());
    }

    /** @return the command that goes by this name */
    public Optional<HostCommand> command(String name) {
        return commands.stream().filter(command -> command.name().equals(name)).findFirst();
    }

    /** @return the same with these commands */
    public Hooks with(List<HostCommand> others) {
        return new Hooks(masterIpFailover, masterIpOnlineChange, shutdown, report, secondaryCheck, pidFile, conf,
                deadline, others);
    }

    public static final Hooks NONE = new Hooks(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
            Optional.empty(), Optional.empty(), Optional.empty(), Duration.ofMinutes(1));
}
