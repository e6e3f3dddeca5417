package dev.switchman.topology;

/**
 * Where a server keeps its logs, as it told while it lived: what finds them on its host when it is dead.
 *
 * @param binary {@code log_bin_basename}: directory and the beginning of the binary logs' names; empty when it writes none
 * @param binaryIndex {@code log_bin_index}, the file that lists them
 * @param relay {@code relay_log_basename}
 * @param data {@code datadir}, which relative names in an index are meant from
 */
public record LogPlaces(String binary, String binaryIndex, String relay, String data) {

    /** Nothing was told. */
    public static final LogPlaces UNKNOWN = new LogPlaces("", "", "", "");

    /** @return where its relay logs are, told as if they were its binary logs: they are listed and written alike */
    public LogPlaces ofRelayLogs() {
        return new LogPlaces(relay, relay.isEmpty() ? "" : relay + ".index", relay, data);
    }
}
