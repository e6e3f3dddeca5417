package dev.switchman.topology;

import java.time.Duration;
import java.util.Optional;

/**
 * The operator's scripts that are called as MHA calls them.
 *
 * @param masterIpFailover takes the address from a lost primary and gives it to the new one
 * @param masterIpOnlineChange does the same in a switchover
 * @param shutdown shuts down a lost primary's host
 * @param report is told of every failover's end
 * @param secondaryCheck says whether a silent primary is lost for others too
 * @param pidFile of mysqld, for the shutdown script
 * @param conf path that the report script is told as {@code --conf}
 * @param deadline of each call
 */
public record Hooks(
        Optional<CommandWords> masterIpFailover,
        Optional<CommandWords> masterIpOnlineChange,
        Optional<CommandWords> shutdown,
        Optional<CommandWords> report,
        Optional<CommandWords> secondaryCheck,
        Optional<String> pidFile,
        Optional<String> conf,
        Duration deadline) {

    public static final Hooks NONE = new Hooks(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
            Optional.empty(), Optional.empty(), Optional.empty(), Duration.ofMinutes(1));
}
