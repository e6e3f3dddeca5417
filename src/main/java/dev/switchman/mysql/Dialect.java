package dev.switchman.mysql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import dev.switchman.topology.Account;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.ServerVersion;

/** The words that a range of server versions understands. */
abstract sealed class Dialect permits OldWords, BothWords, NewWords {

    private final ServerVersion version;

    Dialect(ServerVersion version) {
        this.version = version;
    }

    /** @return the dialect to speak to a server of this version */
    static Dialect of(ServerVersion version) {
        if (version.atLeast(8, 4, 0)) {
            return new NewWords(version);
        }
        return version.atLeast(8, 0, 22) ? new BothWords(version) : new OldWords(version);
    }

    final ServerVersion version() {
        return version;
    }

    /** @return {@code REPLICA} or {@code SLAVE}, as in {@code STOP REPLICA} */
    abstract String replica();

    /** @return {@code SOURCE} or {@code MASTER}, as in {@code Seconds_Behind_Source} */
    abstract String source();

    /** @return {@code SOURCE} or {@code MASTER}, as in the option {@code SOURCE_HOST} */
    String option() {
        return source();
    }

    /** @return {@code CHANGE REPLICATION SOURCE TO} or {@code CHANGE MASTER TO} */
    abstract String change();

    /** @return whether a replica may ask its source for its public key: from 8.0.4, with caching_sha2_password */
    abstract boolean asksForPublicKey();

    /** @return whether variables can be persisted and tell where their values come from */
    abstract boolean persists();

    /** @return whether {@code WAIT_FOR_EXECUTED_GTID_SET} takes parts of a second */
    final boolean waitsForParts() {
        return version.atLeast(8, 0, 0);
    }

    /** @return the variable that says whether a replica writes what it applies into its own binary log; renamed in 8.0.26 */
    final String logsUpdates() {
        return version.atLeast(8, 0, 26) ? "log_replica_updates" : "log_slave_updates";
    }

    /** @return the one name that {@code SHOW MASTER STATUS} has from 8.4 on */
    final String showBinaryLogStatus() {
        return version.atLeast(8, 4, 0) ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS";
    }

    final String showReplicaStatus() {
        return "SHOW " + replica() + " STATUS";
    }

    /** @return the name of a column of {@link #showReplicaStatus}, given in new words */
    final String column(String name) {
        return name.replace("Replica_", capital(replica()) + "_")
                .replace("Source_", capital(source()) + "_")
                .replace("_Source", "_" + capital(source()));
    }

    final String stopReceiver() {
        return "STOP " + replica() + " IO_THREAD";
    }

    final String startReceiver() {
        return "START " + replica() + " IO_THREAD";
    }

    final String startApplier() {
        return "START " + replica() + " SQL_THREAD";
    }

    final String stopApplier() {
        return "STOP " + replica() + " SQL_THREAD";
    }

    /** @return who an event is disabled on; 8.4 takes the new word and 8.0 does not */
    final String eventsWord() {
        return version.atLeast(8, 4, 0) ? "REPLICA" : "SLAVE";
    }

    final String noDelay() {
        return change() + " " + option() + "_DELAY=0";
    }

    final String stopReplication() {
        return "STOP " + replica();
    }

    final String startReplication() {
        return "START " + replica();
    }

    final String resetReplication() {
        return "RESET " + replica() + " ALL";
    }

    /** Makes a channel that has relay logs already and no receiver; without auto-position, which would throw them away. */
    final Sql changeToRelayLogs(NodeId source, String relayLog, String channel) {
        String word = option() + "_";
        return new Sql(change() + " " + word + "HOST=?, " + word + "PORT=" + source.port() + ", " + word
                + "AUTO_POSITION=0, RELAY_LOG_FILE=?, RELAY_LOG_POS=4 FOR CHANNEL '" + channel + "'",
                List.of(source.host().name(), relayLog));
    }

    /**
     * {@code CHANGE REPLICATION SOURCE TO} that names as little as it can: what is not named stays, with one exception. The
     * heartbeat period goes back to half of replica_net_timeout whenever it is not named (sql/rpl_replica.cc,
     * change_receive_options).
     *
     * @param encrypted names TLS; otherwise the channel keeps what it has, and a new one is without
     * @param autoPosition names auto-position too: refused while the applier runs (3021)
     * @param heartbeat seconds; negative leaves the server's default
     */
    final Sql change(NodeId source, Account replication, boolean encrypted, boolean autoPosition, double heartbeat) {
        String word = option() + "_";
        StringBuilder text = new StringBuilder(change());
        List<Object> arguments = new ArrayList<>();
        text.append(' ').append(word).append("HOST=?, ").append(word).append("PORT=").append(source.port());
        arguments.add(source.host().name());
        text.append(", ").append(word).append("USER=?, ").append(word).append("PASSWORD=?");
        arguments.add(replication.user());
        arguments.add(replication.password());
        text.append(", ").append(word).append("CONNECT_RETRY=1, ").append(word).append("RETRY_COUNT=1000000");
        if (heartbeat >= 0) {
            text.append(", ")
                    .append(word)
                    .append("HEARTBEAT_PERIOD=")
                    .append(String.format(Locale.ROOT, "%.3f", heartbeat));
        }
        if (encrypted) {
            text.append(", ").append(word).append("SSL=1");
        }
        if (asksForPublicKey()) {
            text.append(", GET_").append(word).append("PUBLIC_KEY=1");
        }
        if (autoPosition) {
            text.append(", ").append(word).append("AUTO_POSITION=1");
        }
        return new Sql(text.toString(), arguments);
    }

    private static String capital(String word) {
        return word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT);
    }
}
