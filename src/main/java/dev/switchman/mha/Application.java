package dev.switchman.mha;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

import dev.switchman.topology.CommandWords;
import dev.switchman.topology.Secret;

/** One application file of MHA: a cluster. */
final class Application {

    private static final String SECONDARY_CHECK = "secondary_check_script";
    private static final List<String> KEYS = List.of("id_ed25519", "id_ecdsa", "id_rsa");

    private static final Map<String, String> SCRIPTS = scripts();

    private final MhaFile file;
    private final Layers own;
    private final Layers global;
    private final Path home;
    private final String user;
    private final Findings findings;
    private final Map<String, Secret> secrets = new LinkedHashMap<>();
    private final StringBuilder yaml = new StringBuilder();

    private static Map<String, String> scripts() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("master_ip_failover_script", "master-ip-failover");
        keys.put("master_ip_online_change_script", "master-ip-online-change");
        keys.put("shutdown_script", "shutdown");
        keys.put("report_script", "report");
        return keys;
    }

    Application(MhaFile file, Layers global, Path home, String user, Findings findings) {
        this.file = file;
        this.own = Layers.of(Optional.of(file), findings);
        this.global = global;
        this.home = home;
        this.user = user;
        this.findings = findings;
    }

    MhaFile file() {
        return file;
    }

    String name() {
        return name(file.application());
    }

    /** The cluster's name: the file's, made of what a name may have. */
    static String name(String file) {
        String name = file.replaceAll("[^A-Za-z0-9._-]", "-").replaceFirst("^[^A-Za-z0-9]+", "");
        return name.isEmpty() ? "mha" : name.length() > 63 ? name.substring(0, 63) : name;
    }

    Map<String, Secret> secrets() {
        return secrets;
    }

    /** @return the cluster as an item of {@code switchman.clusters} */
    String yaml() {
        return yaml.toString();
    }

    /** One server, with what holds for it. */
    private record Server(Section section, String host, int port, String role, boolean ignoreFailure,
            Optional<String> user, Optional<Setting> password, Optional<String> sshUser, SshWords ssh) {}

    void read() {
        List<Section> sections = ordered(file.sections().values().stream().filter(Section::isServer).toList());
        if (sections.size() < 2) {
            findings.error(file.path(), 0, "",
                    "names " + sections.size() + " servers ([server1] …); a failover needs at least two");
        }
        List<Server> servers = new ArrayList<>();
        Map<String, Section> seen = new HashMap<>();
        for (Section section : sections) {
            server(section).ifPresent(server -> {
                Section first = seen.putIfAbsent(server.host() + ":" + server.port(), section);
                if (first != null) {
                    findings.error(file.path(), section.line(), "[" + section.name() + "]",
                            "is the same server as [" + first.name() + "]: " + server.host() + ":" + server.port());
                }
                servers.add(server);
            });
        }
        if (servers.size() >= 2 && servers.stream().allMatch(server -> server.role().equals("never"))) {
            findings.error(file.path(), 0, "", "every server has no_master: none could be promoted");
        }
        if (!servers.isEmpty()) {
            write(servers);
        }
    }

    /** MHA sorts its servers by number if all have one, else by name; that breaks ties in its election, and in ours. */
    private static List<Section> ordered(List<Section> sections) {
        List<Section> ordered = new ArrayList<>(sections);
        boolean numbered = sections.stream().allMatch(section -> section.number().isPresent());
        ordered.sort(numbered
                ? Comparator.comparing(section -> section.number().orElseThrow())
                : Comparator.comparing(Section::name));
        return ordered;
    }

    private Optional<Setting> find(Section section, String parameter) {
        if (Parameter.of(parameter).level() == Parameter.Level.SERVER) {
            return section.find(parameter);
        }
        return section.find(parameter).or(() -> own.find(parameter)).or(() -> global.find(parameter));
    }

    private Optional<Server> server(Section section) {
        Optional<Setting> hostname = section.find("hostname");
        if (hostname.isEmpty()) {
            findings.error(file.path(), section.line(), "[" + section.name() + "] hostname", "is missing");
        }
        Optional<Setting> address = section.find("ip").or(() -> hostname);
        Optional<Integer> port = number(find(section, "port"), 1, 65535, 3306);
        SshWords ssh = SshWords.of(find(section, "ssh_options"), findings);
        Optional<Integer> sshPort = number(find(section, "ssh_port"), 1, 65535, 0);
        boolean never = flag(section, "no_master");
        boolean preferred = flag(section, "candidate_master");
        boolean ignoreFailure = flag(section, "ignore_fail");
        address.ifPresent(host -> {
            if (!host.value().matches("[A-Za-z0-9][A-Za-z0-9._-]{0,252}|[0-9a-fA-F:.]{2,45}")) {
                findings.error(host, "not a host name or address: " + host.value());
            }
        });
        section.find("ssh_host").ifPresent(host -> {
            boolean same = List.of("hostname", "ip")
                    .stream()
                    .anyMatch(name -> section.find(name).filter(it -> it.value().equals(host.value())).isPresent());
            if (!same) {
                findings.byHand(host, "Switchman reaches MySQL and SSH under one name; make "
                        + address.map(Setting::value).orElse("the server") + " lead to its sshd too, not only "
                        + host.value());
            }
        });
        if (address.isEmpty() || port.isEmpty() || sshPort.isEmpty()) {
            return Optional.empty();
        }
        int knownPort = sshPort.get();
        return Optional.of(new Server(section, address.get().value(), port.get(),
                never ? "never" : preferred ? "preferred" : "allowed", ignoreFailure,
                find(section, "user").map(Setting::value),
                find(section, "password"),
                find(section, "ssh_user").map(Setting::value),
                knownPort == 0 ? ssh : ssh.withPort(knownPort)));
    }

    private Optional<Integer> number(Optional<Setting> setting, int least, int most, int otherwise) {
        if (setting.isEmpty()) {
            return Optional.of(otherwise);
        }
        String value = setting.get().value();
        if (!value.matches("\\d{1,9}") || Integer.parseInt(value) < least || Integer.parseInt(value) > most) {
            findings.error(setting.get(), "not a whole number from " + least + " to " + most + ": " + value);
            return Optional.empty();
        }
        return Optional.of(Integer.parseInt(value));
    }

    private boolean flag(Section section, String parameter) {
        return number(section.find(parameter), 0, 999_999_999, 0).filter(value -> value > 0).isPresent();
    }

    private void write(List<Server> servers) {
        Server first = servers.getFirst();
        line(4, "- name: " + Yaml.scalar(name()));
        // The default, production, has a second person agree to a switchover. MHA asks nobody, and so do cron jobs.
        line(6, "tier: mha");
        mysql(first);
        replication(servers);
        ssh(first);
        Optional<Setting> secondary = shared(servers, SECONDARY_CHECK, false);
        Optional<SecondaryCheck> witnesses = secondary.flatMap(this::secondaryCheck);
        detection(servers, secondary.flatMap(script -> witnesses.map(check -> hosts(servers, script, check)))
                .orElse(List.of()));
        hooks(servers, witnesses.isPresent() ? Optional.empty() : secondary);
        line(6, "nodes:");
        for (Server server : servers) {
            node(server, first);
        }
    }

    private void line(int indent, String text) {
        yaml.append(" ".repeat(indent)).append(text).append('\n');
    }

    private void mysql(Server first) {
        line(6, "mysql: {user: " + Yaml.scalar(first.user().orElse("root")) + ", password: "
                + secret(first.password(), name() + ".mysql", "password") + "}");
    }

    private String secret(Optional<Setting> password, String file, String parameter) {
        String path = "secrets/" + file + ".password";
        if (password.isPresent()) {
            secrets.put(path, new Secret(password.get().value()));
        } else {
            findings.byHand(this.file.path(), "there is no " + parameter + ": write it, as the only line, into " + path
                    + " beside the configuration, for its user alone (chmod 600)");
        }
        return "{file: " + Yaml.scalar(path) + "}";
    }

    private void replication(List<Server> servers) {
        Optional<Setting> replicationUser = shared(servers, "repl_user", true);
        Optional<Setting> password = shared(servers, "repl_password", true);
        if (replicationUser.isEmpty()) {
            findings.byHand(file.path(),
                    "there is no repl_user: MHA takes the one that it finds on a replica, Switchman wants"
                            + " it written: replication.user (SHOW REPLICA STATUS names it)");
        }
        line(6, "replication: {user: " + Yaml.scalar(replicationUser.map(Setting::value).orElse("")) + ", password: "
                + secret(password, name() + ".replication", "repl_password") + "}");
    }

    /** A value that Switchman has one of for each cluster: the one that all servers have, else the first server's, as MHA mostly does. */
    private Optional<Setting> shared(List<Server> servers, String parameter, boolean mustAgree) {
        List<Optional<Setting>> all = servers.stream().map(server -> find(server.section(), parameter)).toList();
        Optional<Setting> first = all.stream().flatMap(Optional::stream).findFirst();
        for (Optional<Setting> other : all) {
            boolean agrees = other.map(Setting::value).equals(first.map(Setting::value));
            if (!agrees && mustAgree && other.isPresent()) {
                findings.error(other.get(),
                        "Switchman has one " + parameter + " for each cluster, and another server has another"
                                + (Parameter.secret(parameter) ? "" : ": " + other.get().value()));
            } else if (!agrees && other.isPresent()) {
                findings.warning(other.get(),
                        "Switchman has one for each cluster; that of " + first.orElseThrow().place()
                                + " is taken, as MHA does: " + first.orElseThrow().value());
            }
        }
        return first;
    }

    private void ssh(Server first) {
        SshWords ssh = first.ssh();
        List<String> words = new ArrayList<>();
        words.add("user: " + Yaml.scalar(sshUser(first)));
        if (ssh.port() > 0) {
            words.add("port: " + ssh.port());
        }
        ssh.key().or(this::otherKey).ifPresent(key -> words.add("key: " + Yaml.scalar(key)));
        ssh.knownHosts().ifPresent(hosts -> words.add("known-hosts: " + Yaml.scalar(hosts)));
        line(6, "ssh: {" + String.join(", ", words) + "}");
    }

    private String sshUser(Server server) {
        return server.sshUser().or(() -> server.ssh().user()).orElse(user);
    }

    /** Of the keys that ssh itself would try, where Switchman's default is not there. */
    private Optional<String> otherKey() {
        Path folder = home.resolve(".ssh");
        Optional<String> key = KEYS.stream().filter(name -> Files.exists(folder.resolve(name))).findFirst();
        if (key.isEmpty()) {
            findings.byHand(file.path(), "there is no private key in " + folder + ": name one with ssh.key");
        }
        return key.filter(name -> !name.equals(KEYS.getFirst())).map(name -> "~/.ssh/" + name);
    }

    private void detection(List<Server> servers, List<String> witnesses) {
        List<String> words = new ArrayList<>();
        words.add("preset: mha");
        Optional<Setting> interval = shared(servers, "ping_interval", false);
        Optional<Setting> type = shared(servers, "ping_type", false);
        if (interval.isPresent()) {
            number(interval, 1, 60, 3).ifPresent(seconds -> {
                words.add("interval: " + seconds + "s");
                words.add("timeout: " + seconds + "s");
            });
        }
        type.ifPresent(setting -> {
            String word = setting.value().toLowerCase(Locale.ROOT);
            if (List.of("select", "connect", "insert").contains(word)) {
                words.add("ping: " + word);
            } else {
                findings.error(setting, "not SELECT, CONNECT or INSERT: " + setting.value());
            }
        });
        if (!witnesses.isEmpty()) {
            words.add("witness-hosts: [" + String.join(", ", witnesses.stream().map(Yaml::scalar).toList()) + "]");
        }
        line(6, "detection: {" + String.join(", ", words) + "}");
    }

    /** Hosts that MHA's own program would ask. */
    private List<String> hosts(List<Server> servers, Setting script, SecondaryCheck check) {
        List<String> hosts = new ArrayList<>();
        for (String host : check.hosts()) {
            if (servers.stream().anyMatch(server -> server.host().equals(host))) {
                findings.warning(script, host + " is a server of this cluster, and its host is asked anyway");
            } else {
                hosts.add(host);
            }
        }
        Server first = servers.getFirst();
        String port = first.ssh().port() == 0 ? "22" : String.valueOf(first.ssh().port());
        if (!hosts.isEmpty() && !(check.user().equals(sshUser(first)) && check.port().equals(port))) {
            findings.byHand(script, "witness hosts are asked as the servers' hosts are, by " + sshUser(first)
                    + " on port " + port + "; let that in there, besides " + check.user() + " on port "
                    + check.port());
        }
        return hosts;
    }

    /** A script of somebody's own is none. */
    private Optional<SecondaryCheck> secondaryCheck(Setting script) {
        try {
            return SecondaryCheck.of(CommandWords.parse(script.value()));
        } catch (IllegalArgumentException e) {
            findings.error(script, e.getMessage() + ": " + script.value());
            return Optional.empty();
        }
    }

    private void hooks(List<Server> servers, Optional<Setting> secondaryCheck) {
        Map<String, String> hooks = new LinkedHashMap<>();
        SCRIPTS.forEach((parameter, key) -> shared(servers, parameter, false)
                .ifPresent(script -> hook(hooks, key, script)));
        secondaryCheck.ifPresent(script -> hook(hooks, "secondary-check", script));
        shared(servers, "master_pid_file", false).ifPresent(pid -> hooks.put("pid-file", pid.value()));
        if (hooks.containsKey("report")) {
            hooks.put("conf", file.path().toAbsolutePath().normalize().toString());
        }
        if (!hooks.isEmpty()) {
            line(6, "hooks:");
            hooks.forEach((key, value) -> line(8, key + ": " + Yaml.scalar(value)));
        }
    }

    private void hook(Map<String, String> hooks, String key, Setting script) {
        try {
            CommandWords.parse(script.value());
            hooks.put(key, script.value());
        } catch (IllegalArgumentException e) {
            findings.error(script, e.getMessage() + ": " + script.value());
        }
    }

    private void node(Server server, Server first) {
        List<String> words = new ArrayList<>();
        words.add("host: " + Yaml.scalar(server.host()));
        if (server.port() != 3306) {
            words.add("port: " + server.port());
        }
        if (!server.role().equals("allowed")) {
            words.add("role: " + server.role());
        }
        if (server.ignoreFailure()) {
            words.add("ignore-failure: true");
        }
        List<String> mysql = new ArrayList<>();
        if (!server.user().equals(first.user())) {
            mysql.add("user: " + Yaml.scalar(server.user().orElse("root")));
        }
        if (!server.password().map(Setting::value).equals(first.password().map(Setting::value))) {
            mysql.add("password: " + secret(server.password(),
                    name() + "." + server.host().replace(':', '-') + "-" + server.port() + ".mysql", "password"));
        }
        if (!mysql.isEmpty()) {
            words.add("mysql: {" + String.join(", ", mysql) + "}");
        }
        List<String> ssh = new ArrayList<>();
        if (!sshUser(server).equals(sshUser(first))) {
            ssh.add("user: " + Yaml.scalar(sshUser(server)));
        }
        if (server.ssh().port() != first.ssh().port()) {
            ssh.add("port: " + (server.ssh().port() == 0 ? 22 : server.ssh().port()));
        }
        if (!Objects.equals(server.ssh().key(), first.ssh().key())) {
            server.ssh().key().ifPresent(key -> ssh.add("key: " + Yaml.scalar(key)));
        }
        if (!Objects.equals(server.ssh().knownHosts(), first.ssh().knownHosts())) {
            server.ssh().knownHosts().ifPresent(hosts -> ssh.add("known-hosts: " + Yaml.scalar(hosts)));
        }
        if (!ssh.isEmpty()) {
            words.add("ssh: {" + String.join(", ", ssh) + "}");
        }
        boolean renamed = server.section().find("ip").isPresent();
        line(8, "- {" + String.join(", ", words) + "}" + (renamed
                ? " # hostname=" + server.section().find("hostname").map(Setting::value).orElse("")
                        + ": write that, if the replicas know it by this name"
                : ""));
    }
}
