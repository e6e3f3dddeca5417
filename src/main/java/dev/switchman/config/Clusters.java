package dev.switchman.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

import dev.switchman.config.Inventory.Loaded;
import dev.switchman.topology.Account;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Detection;
import dev.switchman.topology.Guard;
import dev.switchman.topology.Hooks;
import dev.switchman.topology.Host;
import dev.switchman.topology.HostCommand;
import dev.switchman.topology.Limits;
import dev.switchman.topology.MailSettings;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;
import dev.switchman.topology.Policies;
import dev.switchman.topology.PromotionRole;
import dev.switchman.topology.Receiver;
import dev.switchman.topology.Secret;
import dev.switchman.topology.SshAccess;
import dev.switchman.topology.VirtualAddress;
import dev.switchman.topology.WitnessHost;
import dev.switchman.topology.WriteWatch;

import static dev.switchman.config.Keys.*;

/** Reads the tree of the file into clusters and settings; goes on after every problem, to find them all. */
final class Clusters {

    private static final String ROOT = "switchman";
    /** What a run that changes runbooks holds instead of a cluster. */
    private static final String RUNBOOKS = "runbooks";

    private final Problems problems;
    private final Surroundings surroundings;
    private final Sections sections;

    /** Where each name, server and virtual address was seen first, for duplicates across clusters. */
    private final Map<String, String> names = new HashMap<>();
    private final Map<String, String> servers = new HashMap<>();
    private final Map<String, String> addresses = new HashMap<>();

    Clusters(Problems problems, Surroundings surroundings) {
        this.problems = problems;
        this.surroundings = surroundings;
        this.sections = new Sections(problems);
    }

    /** @return what could be read; meant only when no error was reported */
    Loaded read(org.yaml.snakeyaml.nodes.Node root) {
        ServerSettings none = new ServerSettings("", 0, "", Optional.empty(), Optional.empty(), Optional.empty());
        Optional<MappingNode> file = mapping(root, "");
        if (file.isEmpty()) {
            return new Loaded(List.of(), none, List.of());
        }
        org.yaml.snakeyaml.nodes.Node content = sections.entries(file.get(), "", Set.of(ROOT)).get(ROOT);
        if (content == null) {
            problems.error(1, ROOT, "is missing");
            return new Loaded(List.of(), none, List.of());
        }
        Optional<MappingNode> top = mapping(content, ROOT);
        if (top.isEmpty()) {
            return new Loaded(List.of(), none, List.of());
        }
        Map<String, org.yaml.snakeyaml.nodes.Node> parts = sections.entries(top.get(), ROOT,
                Set.copyOf(List.of("clusters", "defaults", "server")));
        ServerSettings settings = server(layer(parts, "server", SERVER, top.get()));
        Layer defaults = layer(parts, "defaults", SHARED, top.get());
        settings(List.of(defaults)).checkAll(SHARED);
        Optional<List<Receiver>> told = Optional.ofNullable(parts.get("defaults"))
                .flatMap(node -> node instanceof MappingNode mapping
                        ? receivers(mapping, defaults.path())
                        : Optional.empty());
        List<Cluster> clusters = new ArrayList<>();
        org.yaml.snakeyaml.nodes.Node list = parts.get("clusters");
        String path = ROOT + ".clusters";
        if (list == null) {
            problems.error(Layer.line(top.get()), path, "is missing");
        } else if (!(list instanceof SequenceNode sequence)) {
            problems.error(Layer.line(list), path, Type.isEmpty(list)
                    ? "names no cluster"
                    : "must be a list (each cluster begins with \"- name: …\"), not a " + Type.kind(list));
        } else {
            if (sequence.getValue().isEmpty()) {
                problems.error(Layer.line(list), path, "names no cluster");
            }
            for (int i = 0; i < sequence.getValue().size(); i++) {
                cluster(sequence.getValue().get(i), path, i, defaults, told.orElse(List.of())).ifPresent(clusters::add);
            }
        }
        return new Loaded(clusters, settings, problems.warnings());
    }

    private Layer layer(Map<String, org.yaml.snakeyaml.nodes.Node> parts, String name, List<Key<?>> keys,
            MappingNode parent) {
        String path = ROOT + "." + name;
        return Optional.ofNullable(parts.get(name))
                .flatMap(node -> mapping(node, path))
                .map(mapping -> sections.layer(mapping, path, keys,
                        name.equals("defaults") ? Set.of("notify") : Set.of()))
                .orElseGet(() -> new Layer(path, Layer.line(parent), Map.of(), Map.of()));
    }

    private Optional<MappingNode> mapping(org.yaml.snakeyaml.nodes.Node node, String path) {
        if (node instanceof MappingNode mapping) {
            return Optional.of(mapping);
        }
        problems.error(Layer.line(node), path, Type.isEmpty(node)
                ? "is empty"
                : "must be a section of keys, not a " + Type.kind(node));
        return Optional.empty();
    }

    private Settings settings(List<Layer> layers) {
        return new Settings(problems, surroundings, layers);
    }

    private ServerSettings server(Layer layer) {
        Settings settings = settings(List.of(layer));
        return new ServerSettings(settings.get(ADDRESS).orElse(""), settings.get(PORT_HTTP).orElse(0),
                settings.get(ADMIN_USER).orElse(""), store(settings), settings.get(PUBLIC_URL), oidc(settings),
                settings.get(LOG_FORMAT).orElse(ServerSettings.LogFormat.TEXT),
                new ServerSettings.Audit(settings.get(AUDIT_KEEP), settings.get(AUDIT_HEAD_FILE)));
    }

    private Optional<ServerSettings.Store> store(Settings settings) {
        if (!settings.section("store")) {
            return Optional.empty();
        }
        Optional<String> url = settings.get(STORE_URL);
        Optional<Account> account = account(settings.get(STORE_USER), settings.get(STORE_PASSWORD));
        return url.flatMap(text -> account.map(known -> new ServerSettings.Store(text, known)));
    }

    private static Optional<OidcSettings> oidc(Settings settings) {
        if (!settings.section("oidc")) {
            return Optional.empty();
        }
        var issuer = settings.get(OIDC_ISSUER);
        var clientId = settings.get(OIDC_CLIENT_ID);
        var secret = settings.peek(OIDC_CLIENT_SECRET);
        var audience = settings.peek(OIDC_AUDIENCE).or(() -> clientId);
        var scopes = settings.get(OIDC_SCOPES).map(text -> List.of(text.split(" +")));
        var nameClaim = settings.get(OIDC_NAME_CLAIM);
        var groupsClaim = settings.get(OIDC_GROUPS_CLAIM);
        var groups = List.of(OIDC_OPERATOR, OIDC_APPROVER, OIDC_AUDITOR, OIDC_ADMIN)
                .stream()
                .map(settings::get)
                .toList();
        if (issuer.isEmpty() || clientId.isEmpty() || audience.isEmpty() || scopes.isEmpty() || nameClaim.isEmpty()
                || groupsClaim.isEmpty() || groups.stream().anyMatch(Optional::isEmpty)) {
            return Optional.empty();
        }
        return Optional.of(new OidcSettings(issuer.get(), clientId.get(), secret, audience.get(), scopes.get(),
                nameClaim.get(), groupsClaim.get(), groups.get(0).orElseThrow(), groups.get(1).orElseThrow(),
                groups.get(2).orElseThrow(), groups.get(3).orElseThrow()));
    }

    private Optional<Cluster> cluster(org.yaml.snakeyaml.nodes.Node content, String list, int index, Layer defaults,
            List<Receiver> told) {
        String numbered = list + "[" + index + "]";
        Optional<MappingNode> mapping = mapping(content, numbered);
        if (mapping.isEmpty()) {
            return Optional.empty();
        }
        List<Key<?>> keys = new ArrayList<>(OWN);
        keys.addAll(SHARED);
        String path = list + "[" + nameIn(mapping.get()).orElse(String.valueOf(index)) + "]";
        Layer own = sections.layer(mapping.get(), path, keys, Set.of("nodes", "commands", "notify"));
        Settings settings = settings(List.of(own, defaults));

        Optional<String> name = settings.get(NAME);
        name.ifPresent(text -> claim(names, text, path, settings.place(NAME), "another cluster has this name"));
        name.filter(RUNBOOKS::equalsIgnoreCase)
                .ifPresent(text -> problems.error(settings.place(NAME).line(), settings.place(NAME).path(),
                        "changes of runbooks go by this name; choose another: " + text));
        List<Node> nodes = nodes(mapping.get(), own, defaults);
        Optional<VirtualAddress> virtualIp = virtualIp(settings, own, nodes, path);
        Optional<Account> replication = account(settings.get(REPLICATION_USER), settings.get(REPLICATION_PASSWORD));
        Optional<String> tier = settings.get(TIER);
        Optional<String> pingSchema = settings.get(PING_SCHEMA);
        Optional<Detection> detection = detection(settings, nodes);
        Optional<Limits> limits = limits(settings);
        Optional<Policies> policies = policies(settings);
        Optional<MailSettings> mail = mail(settings);
        List<Receiver> receivers = receivers(mapping.get(), path).orElse(told);
        Optional<Path> shutdownHook = settings.peek(SHUTDOWN_HOOK);
        List<HostCommand> commands = commands(mapping.get(), path);
        Optional<Hooks> hooks = hooks(settings, own).map(scripts -> scripts.with(commands));
        Optional<Guard> guard = settings.section("guard")
                ? settings.get(GUARD_LEASE).map(Guard::new)
                : Optional.empty();
        if (name.isEmpty() || replication.isEmpty() || tier.isEmpty() || pingSchema.isEmpty() || detection.isEmpty()
                || limits.isEmpty() || policies.isEmpty() || hooks.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Cluster(new ClusterName(name.get()), tier.get(), nodes, virtualIp, replication.get(),
                pingSchema.get(), detection.get(), limits.get(), policies.get(), mail, shutdownHook,
                hooks.get(), guard, receivers));
    }

    /**
     * @param section a cluster, or the defaults: a list of the cluster's own takes the place of theirs, an empty one tells nobody
     * @return empty when no such list stands there; without those that were not understood
     */
    private Optional<List<Receiver>> receivers(MappingNode section, String above) {
        String path = above + ".notify";
        Optional<org.yaml.snakeyaml.nodes.Node> list = entry(section, "notify");
        if (list.isEmpty()) {
            return Optional.empty();
        }
        if (!(list.get() instanceof SequenceNode sequence)) {
            problems.error(Layer.line(list.get()), path, Type.isEmpty(list.get())
                    ? "is empty; [] tells nobody"
                    : "must be a list (each receiver begins with \"- url: …\"), not a " + Type.kind(list.get()));
            return Optional.of(List.of());
        }
        List<Receiver> receivers = new ArrayList<>();
        for (int i = 0; i < sequence.getValue().size(); i++) {
            receiver(sequence.getValue().get(i), path + "[" + i + "]", receivers).ifPresent(receivers::add);
        }
        return Optional.of(List.copyOf(receivers));
    }

    private Optional<Receiver> receiver(org.yaml.snakeyaml.nodes.Node content, String path, List<Receiver> before) {
        Optional<MappingNode> mapping = mapping(content, path);
        if (mapping.isEmpty()) {
            return Optional.empty();
        }
        Settings settings = settings(List.of(sections.layer(mapping.get(), path, RECEIVER, Set.of())));
        Optional<Secret> url = settings.get(NOTIFY_URL);
        Optional<String> given = settings.peek(NOTIFY_NAME);
        // The host and not more: the rest of the address may be a key.
        Optional<String> name = settings.stands(NOTIFY_NAME)
                ? given
                : url.map(address -> URI.create(address.reveal()).getHost());
        name.filter(text -> before.stream().anyMatch(one -> one.name().equals(text))).ifPresent(text -> {
            Settings.Place place = settings.place(NOTIFY_NAME);
            problems.error(place.line(), place.path(), "another receiver of this list has this name"
                    + (given.isPresent() ? ": " : ", which is its host; give one of them a name: ") + text);
        });
        var shape = settings.get(NOTIFY_SHAPE);
        var severity = settings.get(NOTIFY_SEVERITY);
        var secret = settings.peek(NOTIFY_SECRET);
        var deadline = settings.get(NOTIFY_DEADLINE);
        var tries = settings.get(NOTIFY_TRIES);
        if (url.isEmpty() || name.isEmpty() || shape.isEmpty() || severity.isEmpty() || deadline.isEmpty()
                || tries.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Receiver(name.get(), url.get(), shape.get(), severity.get(), secret, deadline.get(),
                tries.get()));
    }

    private static Optional<org.yaml.snakeyaml.nodes.Node> entry(MappingNode section, String name) {
        return section.getValue()
                .stream()
                .filter(tuple -> tuple.getKeyNode() instanceof ScalarNode key && key.getValue().equals(name))
                .map(tuple -> tuple.getValueNode())
                .findFirst();
    }

    private static Optional<String> nameIn(MappingNode cluster) {
        return cluster.getValue()
                .stream()
                .filter(tuple -> tuple.getKeyNode() instanceof ScalarNode key && key.getValue().equals("name"))
                .map(tuple -> tuple.getValueNode() instanceof ScalarNode value ? value.getValue() : "")
                .filter(text -> text.matches("[A-Za-z0-9._-]+"))
                .findFirst();
    }

    private void claim(Map<String, String> claimed, String what, String by, Settings.Place place, String otherwise) {
        String first = claimed.putIfAbsent(what.toLowerCase(Locale.ROOT), by);
        if (first != null) {
            problems.error(place.line(), place.path(), otherwise + ": " + what);
        }
    }

    private List<HostCommand> commands(MappingNode cluster, String path) {
        String below = path + ".commands";
        List<HostCommand> commands = new ArrayList<>();
        Map<String, String> claimed = new HashMap<>();
        Optional<org.yaml.snakeyaml.nodes.Node> list = entry(cluster, "commands");
        if (list.isEmpty()) {
            return commands;
        }
        if (!(list.get() instanceof SequenceNode sequence)) {
            problems.error(Layer.line(list.get()), below,
                    "must be a list (each command begins with \"- name: …\"), not a "
                            + Type.kind(list.get()));
            return commands;
        }
        for (int i = 0; i < sequence.getValue().size(); i++) {
            command(sequence.getValue().get(i), below + "[" + i + "]", claimed).ifPresent(commands::add);
        }
        return commands;
    }

    private Optional<HostCommand> command(org.yaml.snakeyaml.nodes.Node content, String path,
            Map<String, String> claimed) {
        Optional<MappingNode> mapping = mapping(content, path);
        if (mapping.isEmpty()) {
            return Optional.empty();
        }
        Settings settings = settings(List.of(sections.layer(mapping.get(), path, COMMAND, Set.of())));
        Optional<String> name = settings.get(COMMAND_NAME);
        name.ifPresent(
                text -> claim(claimed, text, path, settings.place(COMMAND_NAME), "another command has this name"));
        var words = settings.get(COMMAND_RUN);
        var on = settings.get(COMMAND_ON);
        var deadline = settings.get(COMMAND_DEADLINE);
        return name.isEmpty() || words.isEmpty() || on.isEmpty() || deadline.isEmpty()
                ? Optional.empty()
                : Optional.of(new HostCommand(name.get(), words.get(), on.get(), deadline.get()));
    }

    private List<Node> nodes(MappingNode cluster, Layer own, Layer defaults) {
        String path = own.path() + ".nodes";
        Optional<org.yaml.snakeyaml.nodes.Node> list = entry(cluster, "nodes");
        if (list.isEmpty()) {
            problems.error(own.line(), path, "is missing");
            return List.of();
        }
        if (!(list.get() instanceof SequenceNode sequence)) {
            problems.error(Layer.line(list.get()), path,
                    "must be a list (each node begins with \"- host: …\"), not a " + Type.kind(list.get()));
            return List.of();
        }
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < sequence.getValue().size(); i++) {
            node(sequence.getValue().get(i), path + "[" + i + "]", own, defaults).ifPresent(nodes::add);
        }
        int count = sequence.getValue().size();
        if (count < 2) {
            problems.error(Layer.line(sequence), path, "a failover needs at least two nodes: " + count);
        }
        long promotable = nodes.stream().filter(node -> node.role() != PromotionRole.NEVER).count();
        if (nodes.size() == count && count >= 2 && promotable == 0) {
            problems.error(Layer.line(sequence), path, "every node has the role never: none could be promoted");
        } else if (nodes.size() == count && count >= 2 && promotable == 1) {
            problems.warning(Layer.line(sequence), path,
                    "only one node has another role than never: there is nobody to fail over to");
        }
        return nodes;
    }

    private Optional<Node> node(org.yaml.snakeyaml.nodes.Node content, String path, Layer cluster, Layer defaults) {
        Optional<MappingNode> mapping = mapping(content, path);
        if (mapping.isEmpty()) {
            return Optional.empty();
        }
        Layer own = sections.layer(mapping.get(), path, NODE, Set.of());
        Settings settings = settings(List.of(own));
        Settings inherited = settings(List.of(own, cluster, defaults));
        // What the whole cluster lacks is reported there, and once.
        Settings shared = settings(List.of(cluster, defaults));

        Optional<Host> host = settings.get(NODE_HOST);
        Optional<Integer> port = settings.get(NODE_PORT);
        Optional<PromotionRole> role = settings.get(NODE_ROLE);
        Optional<Boolean> ignoreFailure = settings.get(NODE_IGNORE_FAILURE);
        Optional<NodeId> id = host.isPresent() && port.isPresent()
                ? Optional.of(new NodeId(host.get(), port.get()))
                : Optional.empty();
        id.ifPresent(server -> {
            String first = servers.putIfAbsent(server.toString().toLowerCase(Locale.ROOT), cluster.path());
            if (first != null) {
                Settings.Place place = settings.place(NODE_HOST);
                problems.error(place.line(), path, (first.equals(cluster.path())
                        ? "this server stands in the cluster already: "
                        : "this server belongs to " + first + " already: ") + server);
            }
        });
        Optional<Account> mysql = account(either(MYSQL_USER, own, inherited, shared),
                either(MYSQL_PASSWORD, own, inherited, shared));
        var tls = either(MYSQL_TLS, own, inherited, shared);
        Optional<SshAccess> ssh = ssh(either(SSH_USER, own, inherited, shared),
                either(SSH_PORT, own, inherited, shared), either(SSH_KEY, own, inherited, shared),
                either(SSH_KNOWN_HOSTS, own, inherited, shared));
        Optional<String> unit = inherited.peek(UNIT);
        if (id.isEmpty() || role.isEmpty() || ignoreFailure.isEmpty() || mysql.isEmpty() || tls.isEmpty()
                || ssh.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Node(id.get(), role.get(), ignoreFailure.get(), mysql.get(), tls.get(),
                ssh.get(), unit));
    }

    private static Optional<SshAccess> ssh(Optional<String> user, Optional<Integer> port, Optional<Path> key,
            Optional<Path> knownHosts) {
        return user.isEmpty() || port.isEmpty() || key.isEmpty() || knownHosts.isEmpty()
                ? Optional.empty()
                : Optional.of(new SshAccess(user.get(), port.get(), key.get(), knownHosts.get()));
    }

    /** The node's own value, else the cluster's, which is then reported at the cluster. */
    private static <T> Optional<T> either(Key<T> key, Layer own, Settings inherited, Settings shared) {
        return own.find(key.path()).isPresent() ? inherited.get(key) : shared.get(key);
    }

    private static Optional<Account> account(Optional<String> user, Optional<Secret> password) {
        return user.flatMap(name -> password.map(secret -> new Account(name, secret)));
    }

    private Optional<VirtualAddress> virtualIp(Settings settings, Layer own, List<Node> nodes, String path) {
        if (!own.has("virtual-ip")) {
            return Optional.empty();
        }
        Optional<Host> address = settings.get(VIP_ADDRESS);
        Optional<Integer> prefix = settings.get(VIP_PREFIX);
        Optional<String> device = settings.get(VIP_INTERFACE);
        Settings.Place place = settings.place(VIP_ADDRESS);
        address.ifPresent(host -> {
            claim(addresses, host.name(), path, place, "another cluster has this virtual address");
            for (Node node : nodes) {
                if (node.id().host().equals(host)) {
                    problems.error(place.line(), place.path(),
                            "is the address of a node, not one that can move: " + host);
                }
            }
        });
        return address.flatMap(host -> prefix.flatMap(bits -> device.map(
                name -> new VirtualAddress(host, bits, name))));
    }

    private Optional<Detection> detection(Settings settings, List<Node> nodes) {
        settings.get(PRESET);
        var ping = settings.get(PING);
        var interval = settings.get(INTERVAL);
        var timeout = settings.get(TIMEOUT);
        var failures = settings.get(FAILURES);
        var witnesses = settings.get(WITNESSES);
        var grace = settings.get(RESTART_GRACE);
        var writes = writes(settings);
        var witnessHosts = witnessHosts(settings, nodes);
        int voters = nodes.size() - 1 + witnessHosts.size();
        if (witnesses.isPresent() && nodes.size() >= 2 && witnesses.get() > voters) {
            Settings.Place place = settings.place(WITNESSES);
            problems.error(place.line(), place.path(), "there are not as many "
                    + (witnessHosts.isEmpty() ? "replicas (" : "replicas and witness hosts (") + voters
                    + "), so that no loss could ever be declared: " + witnesses.get());
        }
        if (ping.isEmpty() || interval.isEmpty() || timeout.isEmpty() || failures.isEmpty() || witnesses.isEmpty()
                || grace.isEmpty() || writes.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Detection(ping.get(), interval.get(), timeout.get(), failures.get(), witnesses.get(),
                grace.get(), writes.get(), witnessHosts));
    }

    private List<WitnessHost> witnessHosts(Settings settings, List<Node> nodes) {
        List<Host> hosts = settings.peek(WITNESS_HOSTS).orElse(List.of());
        if (hosts.isEmpty()) {
            return List.of();
        }
        Settings.Place place = settings.place(WITNESS_HOSTS);
        Set<Host> once = new HashSet<>();
        for (Host host : hosts) {
            if (nodes.stream().anyMatch(node -> node.id().host().equals(host))) {
                problems.error(place.line(), place.path(), "is a host of this cluster's nodes, which are asked anyway: "
                        + host);
            } else if (!once.add(host)) {
                problems.error(place.line(), place.path(), "stands there twice, and has one vote: " + host);
            }
        }
        return ssh(settings.get(SSH_USER), settings.get(SSH_PORT), settings.get(SSH_KEY), settings.get(SSH_KNOWN_HOSTS))
                .map(access -> hosts.stream().map(host -> new WitnessHost(host, access)).toList())
                .orElse(List.of());
    }

    private static Optional<WriteWatch> writes(Settings settings) {
        var interval = settings.get(WRITE_INTERVAL);
        var timeout = settings.get(WRITE_TIMEOUT);
        var warning = settings.get(DISK_WARNING);
        return interval.flatMap(every -> timeout
                .flatMap(after -> warning.map(percent -> new WriteWatch(every, after, percent))));
    }

    private static Optional<Limits> limits(Settings settings) {
        var all = List.of(CONNECT, STATEMENT, FENCE, FENCE_SILENT, SHUTDOWN_HOOK_LIMIT, CATCH_UP, SEMI_SYNC, REPOINT,
                VERIFY, LAG, COOL_DOWN, RESUME, APPROVAL, REMINDER, TRANSACTION, GRACE, SALVAGE)
                .stream()
                .map(settings::get)
                .toList();
        if (all.stream().anyMatch(Optional::isEmpty)) {
            return Optional.empty();
        }
        var values = all.stream().map(Optional::orElseThrow).iterator();
        return Optional.of(new Limits(values.next(), values.next(), values.next(), values.next(), values.next(),
                values.next(), values.next(), values.next(), values.next(), values.next(), values.next(),
                values.next(), values.next(), values.next(), values.next(), values.next(), values.next()));
    }

    private static Optional<Policies> policies(Settings settings) {
        var unprovenFence = settings.get(UNPROVEN_FENCE);
        var semiSyncDegraded = settings.get(SEMI_SYNC_DEGRADED);
        var managerLocks = settings.get(MANAGER_LOCKS);
        var rejoin = settings.get(REJOIN);
        var unsalvaged = settings.get(UNSALVAGED);
        var purgeRelayLogs = settings.get(PURGE_RELAY_LOGS);
        return unprovenFence.flatMap(fence -> semiSyncDegraded.flatMap(semiSync -> managerLocks
                .flatMap(locks -> rejoin.flatMap(who -> unsalvaged.flatMap(without -> purgeRelayLogs
                        .map(every -> new Policies(fence, semiSync, locks, who, without, every)))))));
    }

    private Optional<Hooks> hooks(Settings settings, Layer own) {
        var failover = settings.peek(HOOK_FAILOVER);
        var onlineChange = settings.peek(HOOK_ONLINE_CHANGE);
        var shutdown = settings.peek(HOOK_SHUTDOWN);
        for (Key<?> key : List.of(HOOK_FAILOVER, HOOK_ONLINE_CHANGE)) {
            if (own.has("virtual-ip") && settings.stands(key)) {
                Settings.Place place = settings.place(key);
                problems.error(place.line(), place.path(),
                        "the script moves the address, and so would virtual-ip: one of them");
            }
        }
        if (settings.stands(SHUTDOWN_HOOK) && settings.stands(HOOK_SHUTDOWN)) {
            Settings.Place place = settings.place(HOOK_SHUTDOWN);
            problems.error(place.line(), place.path(), "there is a shutdown-hook already: one of them");
        }
        var report = settings.peek(HOOK_REPORT);
        var secondaryCheck = settings.peek(HOOK_SECONDARY_CHECK);
        var pidFile = settings.peek(HOOK_PID_FILE);
        var conf = settings.peek(HOOK_CONF);
        return settings.get(HOOK_LIMIT)
                .map(deadline -> new Hooks(failover, onlineChange, shutdown, report, secondaryCheck, pidFile, conf,
                        deadline));
    }

    private Optional<MailSettings> mail(Settings settings) {
        if (!settings.section("mail")) {
            return Optional.empty();
        }
        var server = settings.get(MAIL_SERVER);
        var port = settings.get(MAIL_PORT);
        var user = settings.peek(MAIL_USER);
        var password = settings.peek(MAIL_PASSWORD);
        var startTls = settings.get(MAIL_START_TLS);
        var from = settings.get(MAIL_FROM);
        var to = settings.get(MAIL_TO);
        if (user.isPresent() && !settings.stands(MAIL_PASSWORD)) {
            Settings.Place place = settings.place(MAIL_USER);
            problems.error(place.line(), place.path(), "needs mail.password beside it: " + user.get());
        }
        if (password.isPresent() && !settings.stands(MAIL_USER)) {
            Settings.Place place = settings.place(MAIL_PASSWORD);
            problems.error(place.line(), place.path(), "needs mail.user beside it");
        }
        if (server.isEmpty() || port.isEmpty() || startTls.isEmpty() || from.isEmpty() || to.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new MailSettings(server.get(), port.get(), account(user, password), startTls.get(),
                from.get(), to.get()));
    }
}
