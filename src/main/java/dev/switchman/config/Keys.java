package dev.switchman.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Period;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import dev.switchman.topology.CommandWords;
import dev.switchman.topology.Host;
import dev.switchman.topology.HostCommand;
import dev.switchman.topology.PingKind;
import dev.switchman.topology.Policies.ManagerLocks;
import dev.switchman.topology.Policies.Rejoin;
import dev.switchman.topology.Policies.SemiSyncDegraded;
import dev.switchman.topology.Policies.UnprovenFence;
import dev.switchman.topology.Policies.Unsalvaged;
import dev.switchman.topology.PromotionRole;
import dev.switchman.topology.Receiver;
import dev.switchman.topology.Secret;
import dev.switchman.topology.Severity;
import dev.switchman.topology.TlsMode;

/** Every key of the configuration with its type and default. {@code docs/configuration.md} has them in the same order. */
final class Keys {

    private static final Type<String> USER = Type.text("[^\\s\"'`]{1,64}", "a user name");
    private static final Type<String> MAIL_ADDRESS = Type.text("[^\\s@<>]+@[^\\s@<>]+", "a mail address");
    private static final Type<Integer> PORT = Type.number(1, 65535);
    private static final Type<String> CLAIM = Type.text("[!-~]{1,200}", "the name of a claim (no spaces)");
    private static final Type<List<String>> GROUPS = Type
            .oneOrMore(Type.text("\\S(.{0,198}\\S)?", "the name of a group"));

    // switchman.server
    static final Key<String> ADDRESS = Key.fallback("address", "127.0.0.1",
            Type.text("[A-Za-z0-9.:_-]{1,253}", "a host name or address"));
    static final Key<Integer> PORT_HTTP = Key.fallback("port", "8080", PORT);
    static final Key<String> ADMIN_USER = Key.fallback("admin-user", "admin",
            Type.text("(?!(?i:monitor|engine|local|nobody)$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
                    "a login name (letters, digits, . _ -; not monitor, engine, local, nobody)"));
    static final Key<URI> PUBLIC_URL = Key.optional("public-url", Type.url());
    static final Key<ServerSettings.LogFormat> LOG_FORMAT = Key.fallback("log-format", "text",
            Type.word(ServerSettings.LogFormat.class));
    static final Key<Period> AUDIT_KEEP = Key.optional("audit.keep", Type.age(180));
    static final Key<Path> AUDIT_HEAD_FILE = Key.optional("audit.head-file", Type.writtenFile());
    static final Key<URI> OIDC_ISSUER = Key.required("oidc.issuer", Type.url());
    static final Key<String> OIDC_CLIENT_ID = Key.required("oidc.client-id",
            Type.text("[!-~]{1,200}", "a client id (visible characters, no spaces)"));
    static final Key<Secret> OIDC_CLIENT_SECRET = Key.optional("oidc.client-secret", Type.secret());
    static final Key<String> OIDC_AUDIENCE = Key.optional("oidc.audience",
            Type.text("[!-~]{1,200}", "an audience (visible characters, no spaces)"));
    static final Key<String> OIDC_SCOPES = Key.fallback("oidc.scopes", "openid profile email",
            Type.text("([!-~]+ +)*openid( +[!-~]+)*", "scopes, with openid among them"));
    static final Key<String> OIDC_NAME_CLAIM = Key.fallback("oidc.name-claim", "preferred_username", CLAIM);
    static final Key<String> OIDC_GROUPS_CLAIM = Key.fallback("oidc.groups-claim", "groups", CLAIM);
    static final Key<List<String>> OIDC_OPERATOR = Key.fallback("oidc.groups.operator", "switchman-operator", GROUPS);
    static final Key<List<String>> OIDC_APPROVER = Key.fallback("oidc.groups.approver", "switchman-approver", GROUPS);
    static final Key<List<String>> OIDC_AUDITOR = Key.fallback("oidc.groups.auditor", "switchman-auditor", GROUPS);
    static final Key<List<String>> OIDC_ADMIN = Key.fallback("oidc.groups.admin", "switchman-admin", GROUPS);

    static final Key<String> STORE_URL = Key.required("store.url",
            Type.text("jdbc:postgresql://[^\\s?&]{1,500}",
                    "jdbc:postgresql://HOST[:PORT]/DATABASE, without parameters"));
    static final Key<String> STORE_USER = Key.required("store.user", USER);
    static final Key<Secret> STORE_PASSWORD = Key.required("store.password", Type.secret());

    // switchman.clusters[]
    static final Key<String> NAME = Key.required("name",
            Type.text("[A-Za-z0-9][A-Za-z0-9._-]{0,62}", "a cluster name (letters, digits, . _ -)"));
    static final Key<String> TIER = Key.fallback("tier", "production",
            Type.text("[A-Za-z0-9][A-Za-z0-9._-]{0,62}", "a word (letters, digits, . _ -)"));
    static final Key<String> UNIT = Key.optional("unit",
            Type.text("[A-Za-z0-9@:._\\\\-]{1,200}", "the name of a service unit, such as mysql.service"));

    static final Key<Path> SHUTDOWN_HOOK = Key.optional("shutdown-hook", Type.program());

    static final Key<CommandWords> HOOK_FAILOVER = Key.optional("hooks.master-ip-failover", Type.command());
    static final Key<CommandWords> HOOK_ONLINE_CHANGE = Key.optional("hooks.master-ip-online-change", Type.command());
    static final Key<CommandWords> HOOK_SHUTDOWN = Key.optional("hooks.shutdown", Type.command());
    static final Key<CommandWords> HOOK_REPORT = Key.optional("hooks.report", Type.command());
    static final Key<CommandWords> HOOK_SECONDARY_CHECK = Key.optional("hooks.secondary-check", Type.command());
    static final Key<String> HOOK_PID_FILE = Key.optional("hooks.pid-file",
            Type.text("/.{1,4000}", "an absolute path"));
    static final Key<String> HOOK_CONF = Key.optional("hooks.conf", Type.text("/.{1,4000}", "an absolute path"));
    static final Key<Duration> HOOK_LIMIT = Key.fallback("limits.hook", "1m", Type.duration("100ms", "10m"));

    static final Key<Duration> GUARD_LEASE = Key.fallback("guard.lease", "10s", Type.duration("5s", "10m"));

    static final Key<Host> VIP_ADDRESS = Key.required("virtual-ip.address", Type.ipv4());
    static final Key<Integer> VIP_PREFIX = Key.fallback("virtual-ip.prefix", "32", Type.number(1, 32));
    static final Key<String> VIP_INTERFACE = Key.required("virtual-ip.interface",
            Type.text("[A-Za-z0-9][A-Za-z0-9._@-]{0,14}", "the name of a network interface, such as eth0"));

    static final Key<String> MYSQL_USER = Key.required("mysql.user", USER);
    static final Key<Secret> MYSQL_PASSWORD = Key.required("mysql.password", Type.secret());
    static final Key<TlsMode> MYSQL_TLS = Key.fallback("mysql.tls", "preferred", Type.word(TlsMode.class));

    static final Key<String> REPLICATION_USER = Key.required("replication.user", USER);
    static final Key<Secret> REPLICATION_PASSWORD = Key.required("replication.password", Type.secret());

    static final Key<String> SSH_USER = Key.fallback("ssh.user", "root", USER);
    static final Key<Integer> SSH_PORT = Key.fallback("ssh.port", "22", PORT);
    static final Key<Path> SSH_KEY = Key.fallback("ssh.key", "~/.ssh/id_ed25519", Type.file(true));
    static final Key<Path> SSH_KNOWN_HOSTS = Key.fallback("ssh.known-hosts", "~/.ssh/known_hosts", Type.file(false));

    static final Key<String> PING_SCHEMA = Key.fallback("ping-schema", "switchman",
            Type.text("[A-Za-z0-9_]{1,64}", "a schema name (letters, digits, _)"));

    static final Key<Preset> PRESET = Key.fallback("detection.preset", "standard", Type.word(Preset.class));
    static final Key<PingKind> PING = Key.fallback("detection.ping", "select", Type.word(PingKind.class));
    static final Key<Duration> INTERVAL = Key.fallback("detection.interval", "1s", Type.duration("100ms", "1m"));
    static final Key<Duration> TIMEOUT = Key.fallback("detection.timeout", "1s", Type.duration("100ms", "1m"));
    static final Key<Integer> FAILURES = Key.fallback("detection.failures", "2", Type.number(1, 100));
    static final Key<Integer> WITNESSES = Key.fallback("detection.witnesses", "1", Type.number(0, 100));
    static final Key<Duration> RESTART_GRACE = Key.fallback("detection.restart-grace", "30s",
            Type.duration("0s", "1h"));

    static final Key<Duration> WRITE_INTERVAL = Key.fallback("detection.write-interval", "5s",
            Type.duration("0s", "1h"));
    static final Key<Duration> WRITE_TIMEOUT = Key.fallback("detection.write-timeout", "5s",
            Type.duration("1s", "10m"));
    static final Key<Integer> DISK_WARNING = Key.fallback("detection.disk-warning", "90", Type.number(1, 100));

    static final Key<List<Host>> WITNESS_HOSTS = Key.optional("detection.witness-hosts", Type.oneOrMore(Type.host()));

    static final Key<Duration> CONNECT = Key.fallback("limits.connect", "1s", Type.duration("50ms", "1m"));
    static final Key<Duration> STATEMENT = Key.fallback("limits.statement", "3s", Type.duration("100ms", "5m"));
    static final Key<Duration> FENCE = Key.fallback("limits.fence", "3s", Type.duration("100ms", "5m"));
    static final Key<Duration> FENCE_SILENT = Key.fallback("limits.fence-silent", "150ms",
            Type.duration("50ms", "1m"));
    static final Key<Duration> SHUTDOWN_HOOK_LIMIT = Key.fallback("limits.shutdown-hook", "15s",
            Type.duration("100ms", "10m"));
    static final Key<Duration> CATCH_UP = Key.fallback("limits.catch-up", "1m", Type.duration("1s", "1d"));
    static final Key<Duration> SEMI_SYNC = Key.fallback("limits.semi-sync", "3s", Type.duration("100ms", "10m"));
    static final Key<Duration> REPOINT = Key.fallback("limits.repoint", "5s", Type.duration("500ms", "10m"));
    static final Key<Duration> VERIFY = Key.fallback("limits.verify", "5s", Type.duration("500ms", "10m"));
    static final Key<Duration> LAG = Key.fallback("limits.lag", "30s", Type.duration("1s", "30d"));
    static final Key<Duration> COOL_DOWN = Key.fallback("limits.cool-down", "8h", Type.duration("0s", "30d"));
    static final Key<Duration> RESUME = Key.fallback("limits.resume", "5m", Type.duration("1s", "1d"));
    static final Key<Duration> APPROVAL = Key.fallback("limits.approval", "15m", Type.duration("10s", "7d"));
    static final Key<Duration> REMINDER = Key.fallback("limits.reminder", "5m", Type.duration("10s", "7d"));
    static final Key<Duration> TRANSACTION = Key.fallback("limits.transaction", "2s", Type.duration("1s", "1d"));
    static final Key<Duration> GRACE = Key.fallback("limits.grace", "1500ms", Type.duration("0s", "1m"));
    static final Key<Duration> SALVAGE = Key.fallback("limits.salvage", "10s", Type.duration("1s", "1d"));

    static final Key<UnprovenFence> UNPROVEN_FENCE = Key.fallback("policies.unproven-fence", "act",
            Type.word(UnprovenFence.class));
    static final Key<SemiSyncDegraded> SEMI_SYNC_DEGRADED = Key.fallback("policies.semi-sync-degraded", "lower",
            Type.word(SemiSyncDegraded.class));

    static final Key<ManagerLocks> MANAGER_LOCKS = Key.fallback("policies.manager-locks", "majority",
            Type.word(ManagerLocks.class));
    static final Key<Rejoin> REJOIN = Key.fallback("policies.rejoin", "by-hand", Type.word(Rejoin.class));
    static final Key<Unsalvaged> UNSALVAGED = Key.fallback("policies.unsalvaged", "act", Type.word(Unsalvaged.class));

    static final Key<Duration> PURGE_RELAY_LOGS = Key.fallback("policies.purge-relay-logs", "3d",
            Type.duration("0s", "365d"));

    static final Key<Host> MAIL_SERVER = Key.required("mail.server", Type.host());
    static final Key<Integer> MAIL_PORT = Key.fallback("mail.port", "25", PORT);
    static final Key<String> MAIL_USER = Key.optional("mail.user", USER);
    static final Key<Secret> MAIL_PASSWORD = Key.optional("mail.password", Type.secret());
    static final Key<Boolean> MAIL_START_TLS = Key.fallback("mail.start-tls", "false", Type.yesOrNo());
    static final Key<String> MAIL_FROM = Key.required("mail.from", MAIL_ADDRESS);
    static final Key<List<String>> MAIL_TO = Key.required("mail.to", Type.oneOrMore(MAIL_ADDRESS));

    // switchman.clusters[].notify[]
    static final Key<String> NOTIFY_NAME = Key.optional("name",
            Type.text("[A-Za-z0-9][A-Za-z0-9._-]{0,62}", "a name (letters, digits, . _ -)"));
    static final Key<Secret> NOTIFY_URL = Key.required("url", Type.webAddress());
    static final Key<Receiver.Shape> NOTIFY_SHAPE = Key.fallback("shape", "json", Type.word(Receiver.Shape.class));
    static final Key<Severity> NOTIFY_SEVERITY = Key.fallback("severity", "warning", Type.word(Severity.class));
    static final Key<Secret> NOTIFY_SECRET = Key.optional("secret", Type.secret());
    static final Key<Duration> NOTIFY_DEADLINE = Key.fallback("deadline", "5s", Type.duration("100ms", "1m"));
    static final Key<Duration> NOTIFY_TRIES = Key.fallback("try-for", "1h", Type.duration("0s", "1d"));

    // switchman.clusters[].nodes[]
    static final Key<Host> NODE_HOST = Key.required("host", Type.host());
    static final Key<Integer> NODE_PORT = Key.fallback("port", "3306", PORT);
    static final Key<PromotionRole> NODE_ROLE = Key.fallback("role", "allowed", Type.word(PromotionRole.class));
    static final Key<Boolean> NODE_IGNORE_FAILURE = Key.fallback("ignore-failure", "false", Type.yesOrNo());

    // switchman.clusters[].commands[]
    static final Key<String> COMMAND_NAME = Key.required("name",
            Type.text("[a-z][a-z0-9-]{0,62}", "a name (small letters, digits, -)"));
    static final Key<CommandWords> COMMAND_RUN = Key.required("run", Type.words());
    static final Key<HostCommand.On> COMMAND_ON = Key.required("on", Type.word(HostCommand.On.class));
    static final Key<Duration> COMMAND_DEADLINE = Key.fallback("deadline", "30s", Type.duration("100ms", "1h"));

    static final List<Key<?>> COMMAND = List.of(COMMAND_NAME, COMMAND_RUN, COMMAND_ON, COMMAND_DEADLINE);

    /** What a preset decides. */
    private static final List<Key<?>> TIMING = List.of(INTERVAL, TIMEOUT, FAILURES, WITNESSES, RESTART_GRACE);

    private static final List<Key<?>> MYSQL = List.of(MYSQL_USER, MYSQL_PASSWORD, MYSQL_TLS);
    private static final List<Key<?>> SSH = List.of(SSH_USER, SSH_PORT, SSH_KEY, SSH_KNOWN_HOSTS);

    static final List<Key<?>> SERVER = List.of(ADDRESS, PORT_HTTP, ADMIN_USER, PUBLIC_URL, LOG_FORMAT, AUDIT_KEEP,
            AUDIT_HEAD_FILE, STORE_URL,
            STORE_USER,
            STORE_PASSWORD, OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_AUDIENCE, OIDC_SCOPES,
            OIDC_NAME_CLAIM, OIDC_GROUPS_CLAIM, OIDC_OPERATOR, OIDC_APPROVER, OIDC_AUDITOR, OIDC_ADMIN);

    /** Keys that {@code defaults} and every cluster take. */
    static final List<Key<?>> SHARED = join(
            List.of(TIER, UNIT, SHUTDOWN_HOOK, GUARD_LEASE, VIP_PREFIX, VIP_INTERFACE),
            List.of(HOOK_FAILOVER, HOOK_ONLINE_CHANGE, HOOK_SHUTDOWN, HOOK_REPORT, HOOK_SECONDARY_CHECK, HOOK_PID_FILE,
                    HOOK_CONF),
            MYSQL,
            List.of(REPLICATION_USER, REPLICATION_PASSWORD),
            SSH,
            List.of(PING_SCHEMA, PRESET, PING, INTERVAL, TIMEOUT, FAILURES, WITNESSES, RESTART_GRACE,
                    WRITE_INTERVAL, WRITE_TIMEOUT, DISK_WARNING, WITNESS_HOSTS),
            List.of(CONNECT, STATEMENT, FENCE, FENCE_SILENT, SHUTDOWN_HOOK_LIMIT, HOOK_LIMIT, CATCH_UP, SEMI_SYNC,
                    REPOINT, VERIFY, LAG, COOL_DOWN, RESUME, APPROVAL, REMINDER, TRANSACTION, GRACE,
                    SALVAGE),
            List.of(UNPROVEN_FENCE, SEMI_SYNC_DEGRADED, MANAGER_LOCKS, REJOIN, UNSALVAGED, PURGE_RELAY_LOGS),
            List.of(MAIL_SERVER, MAIL_PORT, MAIL_USER, MAIL_PASSWORD, MAIL_START_TLS, MAIL_FROM, MAIL_TO));

    /** Keys that belong to one cluster and have no place in {@code defaults}; beside them stands the list of nodes. */
    static final List<Key<?>> OWN = List.of(NAME, VIP_ADDRESS);

    /** Keys of a node; {@code unit}, {@code ssh} and {@code mysql} override the cluster's. */
    static final List<Key<?>> NODE = join(
            List.of(NODE_HOST, NODE_PORT, NODE_ROLE, NODE_IGNORE_FAILURE, UNIT), MYSQL, SSH);

    /** Keys of a receiver in the list {@code notify}. */
    static final List<Key<?>> RECEIVER = List.of(NOTIFY_NAME, NOTIFY_URL, NOTIFY_SHAPE, NOTIFY_SEVERITY, NOTIFY_SECRET,
            NOTIFY_DEADLINE, NOTIFY_TRIES);

    /** What {@code detection.preset} stands for, where no single key says otherwise. */
    enum Preset {
        /** Declares a silent host in 1 to 1.5 s; for a quiet network. */
        FAST(Map.of("detection.interval", "500ms", "detection.timeout", "500ms", "detection.failures", "2",
                "detection.witnesses", "1", "detection.restart-grace", "15s")),
        /** Declares a silent host in 2 to 3 s. */
        STANDARD(Map.of()),
        /** The timing of MHA's manager: one ping every 3 s, four of them failed. */
        MHA(Map.of("detection.interval", "3s", "detection.timeout", "3s", "detection.failures", "4",
                "detection.witnesses", "1", "detection.restart-grace", "0s"));

        private final Map<String, String> values;

        Preset(Map<String, String> values) {
            this.values = values;
        }

        /** @return what the preset says of this key, as it would stand in the file; empty: the key is not its business */
        Optional<String> value(Key<?> key) {
            if (!TIMING.contains(key)) {
                return Optional.empty();
            }
            return Optional.ofNullable(values.get(key.path())).or(key::fallback);
        }
    }

    private Keys() {}

    @SafeVarargs
    private static List<Key<?>> join(List<Key<?>>... parts) {
        List<Key<?>> all = new ArrayList<>();
        Stream.of(parts).forEach(all::addAll);
        return List.copyOf(all);
    }
}
