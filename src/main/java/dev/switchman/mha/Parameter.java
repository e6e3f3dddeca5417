package dev.switchman.mha;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One parameter of MHA 0.58, and what becomes of it.
 *
 * @param says MAPPED: the keys of Switchman that it becomes; else why it is not needed, or what to do
 */
record Parameter(String name, Level level, Fate fate, String says) {

    /** Where MHA reads it from. */
    enum Level {
        /** From the server's own block alone. */
        SERVER,
        /** From the server's block, else {@code [server default]} of the file, else of the global file. */
        ANY,
        /** From {@code [server default]} alone. */
        DEFAULTS
    }

    enum Fate {
        MAPPED("becomes "), IGNORED("ignored: "),
        /** A person has to do something. */
        BY_HAND("BY HAND: ");

        private final String words;

        Fate(String words) {
            this.words = words;
        }
    }

    private static final String NOT_USED = "Switchman has no use for it: ";
    private static final String POSITIONS = NOT_USED + "it works by GTID sets, not by positions and relay log files";

    /** All that MHA 0.58 knows, in the order of its manual. */
    static final List<Parameter> ALL = List.of(
            server("hostname", Fate.MAPPED, "`nodes[].host`, unless `ip` stands beside it"),
            server("ip", Fate.MAPPED, "`nodes[].host`: MHA connects there, whatever `hostname` says"),
            any("port", Fate.MAPPED, "`nodes[].port`"),
            server("ssh_host", Fate.MAPPED,
                    "nothing of its own: Switchman reaches MySQL and SSH under one name, `nodes[].host`"),
            any("ssh_ip", Fate.IGNORED, "MHA never reads the value itself"),
            any("ssh_port", Fate.MAPPED, "`ssh.port`"),
            any("ssh_user", Fate.MAPPED,
                    "`ssh.user`; where it is missing, the user that imports, as MHA takes its own user"),
            any("ssh_options", Fate.MAPPED,
                    "`ssh.key` (-i), `ssh.port` (-p), `ssh.user` (-l), `ssh.known-hosts`; other options are named one by one"),
            any("ssh_connection_timeout", Fate.IGNORED,
                    "every connection has a limit of its own, `limits.connect`"),
            any("user", Fate.MAPPED, "`mysql.user`; where it is missing, `root`, as in MHA"),
            any("password", Fate.MAPPED, "`mysql.password`, in a file of its own"),
            any("repl_user", Fate.MAPPED, "`replication.user`"),
            any("repl_password", Fate.MAPPED, "`replication.password`, in a file of its own"),
            server("node_label", Fate.IGNORED, "it only names the server in MHA's drawing of the topology"),
            server("candidate_master", Fate.MAPPED, "`nodes[].role: preferred`"),
            server("no_master", Fate.MAPPED, "`nodes[].role: never`, which wins over candidate_master"),
            server("ignore_fail", Fate.MAPPED, "`nodes[].ignore-failure`"),
            server("skip_init_ssh_check", Fate.IGNORED,
                    NOT_USED + "hosts need no SSH among each other, and a host without SSH is a warning"),
            any("skip_reset_slave", Fate.IGNORED,
                    "a new primary always forgets its source, or it would follow it again after a restart"),
            any("multi_tier_slave", Fate.IGNORED,
                    "servers that do not stand in `nodes` are left alone: leave third-tier replicas out"),
            any("check_repl_delay", Fate.IGNORED,
                    "the election goes by GTID sets, and a replica that lags catches up from the others before it is opened;"
                            + " `limits.catch-up` says for how long"),
            any("check_repl_filter", Fate.IGNORED, "`check` always compares the filters, and fails where they differ"),
            any("latest_priority", Fate.IGNORED,
                    "nothing is lost by choosing another: the chosen one first catches up from the most advanced"),
            any("use_gtid_auto_pos", Fate.IGNORED,
                    "Switchman always replicates by GTIDs with auto-position; `check` names servers without"),
            any("disable_log_bin", Fate.IGNORED, POSITIONS),
            any("handle_raw_binlog", Fate.IGNORED, POSITIONS),
            any("master_pid_file", Fate.MAPPED, "`hooks.pid-file`"),
            any("master_binlog_dir", Fate.IGNORED, NOT_USED + "it does not copy binary logs of a dead server"),
            any("manager_workdir", Fate.IGNORED, "what the manager keeps is in its data folder: `serve --data`"),
            any("manager_log", Fate.IGNORED, "`serve` logs to its standard output; runs have a journal"),
            any("remote_workdir", Fate.IGNORED, "nothing is kept on the servers' hosts"),
            any("log_level", Fate.IGNORED, "`serve` logs to its standard output; runs have a journal"),
            any("client_bindir", Fate.IGNORED, NOT_USED + "no client programs are run on the servers' hosts"),
            any("client_libdir", Fate.IGNORED, NOT_USED + "no client programs are run on the servers' hosts"),
            any("ping_interval", Fate.MAPPED,
                    "`detection.interval` and `detection.timeout`, beside `detection.preset: mha`"),
            any("ping_type", Fate.MAPPED, "`detection.ping`"),
            any("secondary_check_script", Fate.MAPPED,
                    "`detection.witness-hosts`, where it is `masterha_secondary_check`; any other program `hooks.secondary-check`."
                            + " The replicas and their hosts are witnesses anyway"),
            any("master_ip_failover_script", Fate.MAPPED, "`hooks.master-ip-failover`"),
            any("master_ip_online_change_script", Fate.MAPPED, "`hooks.master-ip-online-change`"),
            any("shutdown_script", Fate.MAPPED, "`hooks.shutdown`"),
            any("report_script", Fate.MAPPED, "`hooks.report`"),
            new Parameter("init_conf_load_script", Level.DEFAULTS, Fate.MAPPED,
                    "what it prints: it is run once, and its lines count as if they stood in [server default]"));

    private static final Map<String, Parameter> BY_NAME = ALL.stream()
            .collect(Collectors.toMap(Parameter::name, Function.identity()));

    private static Parameter server(String name, Fate fate, String says) {
        return new Parameter(name, Level.SERVER, fate, says);
    }

    private static Parameter any(String name, Fate fate, String says) {
        return new Parameter(name, Level.ANY, fate, says);
    }

    static boolean known(String name) {
        return BY_NAME.containsKey(name);
    }

    /** @throws IllegalArgumentException when MHA has no such parameter */
    static Parameter of(String name) {
        Parameter parameter = BY_NAME.get(name);
        if (parameter == null) {
            throw new IllegalArgumentException("MHA has no parameter " + name);
        }
        return parameter;
    }

    /** Whether its value is a password. */
    static boolean secret(String name) {
        return name.equals("password") || name.equals("repl_password");
    }

    /** @return what becomes of it, in words, without the backquotes of the docs */
    String outcome() {
        return (fate.words + says).replace("`", "");
    }

    /** @return the row of {@code docs/migrating-from-mha.md} */
    String row() {
        return "| `" + name + "` | " + switch (level) {
            case SERVER -> "server";
            case ANY -> "server, default, global";
            case DEFAULTS -> "default, global";
        } + " | " + fate.words + says + " |";
    }
}
