package dev.switchman.lab;

import dev.switchman.topology.Account;

/** The statements that set a replica up, in the words of a server version. */
enum SqlWords {

    V9_7 {
        @Override
        boolean hasSemiSync() {
            return true;
        }
    },
    V8_0_33 {
        @Override
        boolean hasSemiSync() {
            return true;
        }

        @Override
        String semiSyncOptions() {
            // Its image loads neither of the two kinds of plugins.
            return """
                    plugin_load_add = semisync_source.so
                    plugin_load_add = semisync_replica.so
                    """ + super.semiSyncOptions();
        }
    },
    V8_0_12 {
        @Override
        boolean hasSemiSync() {
            return false;
        }

        @Override
        String follow(String address, Account account) {
            return oldFollow(address, account) + ", GET_MASTER_PUBLIC_KEY=1";
        }

        @Override
        String startReplica() {
            return "START SLAVE";
        }

        @Override
        String stopReceiver() {
            return "STOP SLAVE IO_THREAD";
        }
    },
    V5_7 {
        @Override
        boolean hasSemiSync() {
            return false;
        }

        @Override
        String[] persistReadOnly() {
            // The option file has it; nothing else could.
            return new String[]{};
        }

        @Override
        String createUser(Account account) {
            return "CREATE USER '" + account.user() + "'@'%' IDENTIFIED WITH mysql_native_password BY '"
                    + account.password().reveal() + "'";
        }

        @Override
        String follow(String address, Account account) {
            return oldFollow(address, account);
        }

        @Override
        String startReplica() {
            return "START SLAVE";
        }

        @Override
        String stopReceiver() {
            return "STOP SLAVE IO_THREAD";
        }
    };

    /** @param version tag of the node image, {@code 9.7} or {@code 9.7-systemd} */
    static SqlWords of(String version) {
        if (version.startsWith("9.")) {
            return V9_7;
        }
        return switch (version.split("-", 2)[0]) {
            case "8.0.33" -> V8_0_33;
            case "8.0.12" -> V8_0_12;
            case "5.7" -> V5_7;
            default -> throw new IllegalArgumentException(
                    "the lab has no MySQL " + version + "; it has 9.7, 8.0.33, 8.0.12 and 5.7");
        };
    }

    abstract boolean hasSemiSync();

    String[] persistReadOnly() {
        return new String[]{"SET PERSIST_ONLY super_read_only = ON"};
    }

    /** With the authentication that is the version's own. */
    String createUser(Account account) {
        return "CREATE USER '" + account.user() + "'@'%' IDENTIFIED BY '" + account.password().reveal() + "'";
    }

    /** Makes a replica of {@code address} by GTID; a heartbeat each second lets the replica vote on its source. */
    String follow(String address, Account account) {
        return "CHANGE REPLICATION SOURCE TO SOURCE_HOST='" + address + "', SOURCE_PORT=" + LabNode.PORT
                + ", SOURCE_USER='" + account.user() + "', SOURCE_PASSWORD='" + account.password().reveal() + "'"
                + ", SOURCE_AUTO_POSITION=1, SOURCE_CONNECT_RETRY=1, SOURCE_RETRY_COUNT=86400"
                + ", SOURCE_HEARTBEAT_PERIOD=1, GET_SOURCE_PUBLIC_KEY=1";
    }

    private static String oldFollow(String address, Account account) {
        return "CHANGE MASTER TO MASTER_HOST='" + address + "', MASTER_PORT=" + LabNode.PORT
                + ", MASTER_USER='" + account.user() + "', MASTER_PASSWORD='" + account.password().reveal() + "'"
                + ", MASTER_AUTO_POSITION=1, MASTER_CONNECT_RETRY=1, MASTER_RETRY_COUNT=86400"
                + ", MASTER_HEARTBEAT_PERIOD=1";
    }

    String startReplica() {
        return "START REPLICA";
    }

    String stopReceiver() {
        return "STOP REPLICA IO_THREAD";
    }

    final String stopReplica() {
        return startReplica().replace("START", "STOP");
    }

    final String delay(int seconds) {
        return startReplica().endsWith("SLAVE")
                ? "CHANGE MASTER TO MASTER_DELAY=" + seconds
                : "CHANGE REPLICATION SOURCE TO SOURCE_DELAY=" + seconds;
    }

    /** Opening is never persisted: a server that restarts comes back closed. */
    String open() {
        return "SET GLOBAL super_read_only = OFF, read_only = OFF";
    }

    /** Every node can acknowledge from its start; only the primary waits, and that is switched on by hand. */
    String semiSyncOptions() {
        return """
                rpl_semi_sync_replica_enabled = ON
                rpl_semi_sync_source_wait_for_replica_count = 1
                rpl_semi_sync_source_timeout = 3600000
                rpl_semi_sync_source_wait_point = AFTER_SYNC
                rpl_semi_sync_source_wait_no_replica = ON
                """;
    }
}
