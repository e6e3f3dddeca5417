package dev.switchman.hook;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

import dev.switchman.topology.Account;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.CommandWords;
import dev.switchman.topology.Host;
import dev.switchman.topology.Node;

/**
 * One call of a script, with the arguments of MHA 0.58 in MHA's order. Passwords are handed over as they are: there is no shell
 * to quote them for.
 *
 * @param script MHA's name for it
 * @param command value of {@code --command}; empty where there is none
 */
public record ScriptCall(String script, String command, CommandWords words, List<Argument> arguments) {

    private static final int SSH = 22;
    private static final long PATIENCE_MILLIS = 1_000;

    /** @param secret whether the value is a password */
    public record Argument(String name, String value, boolean secret) {

        String text() {
            return value.isEmpty() && name.equals("orig_master_is_new_slave") ? "--" + name : "--" + name + "=" + value;
        }

        @Override
        public String toString() {
            return secret ? "--" + name + "=******" : text();
        }
    }

    public ScriptCall {
        arguments = List.copyOf(arguments);
    }

    /** {@code status}: whether the script would work; MHA asks before it begins to watch. */
    public static Optional<ScriptCall> failoverStatus(Cluster cluster, Node primary) {
        return cluster.hooks()
                .masterIpFailover()
                .map(words -> new Arguments().add("command", "status")
                        .add("ssh_user", primary.ssh().user())
                        .server("orig_master", primary)
                        .call("master_ip_failover_script", "status", words));
    }

    /** {@code stopssh}, or {@code stop} where the host does not answer: takes the address from the old primary. */
    public static Optional<ScriptCall> failoverStop(Cluster cluster, Node old, boolean sshAnswers) {
        return cluster.hooks().masterIpFailover().map(words -> {
            Arguments arguments = new Arguments().server("orig_master", old)
                    .add("command", sshAnswers ? "stopssh" : "stop");
            if (sshAnswers) {
                arguments.add("ssh_user", old.ssh().user());
            }
            return arguments.sshPort("orig_master", old)
                    .call("master_ip_failover_script", sshAnswers ? "stopssh" : "stop", words);
        });
    }

    /** {@code start}: gives the address to the new primary. */
    public static Optional<ScriptCall> failoverStart(Cluster cluster, Node old, Node primary) {
        return cluster.hooks()
                .masterIpFailover()
                .map(words -> new Arguments().add("command", "start")
                        .add("ssh_user", primary.ssh().user())
                        .server("orig_master", old)
                        .server("new_master", primary)
                        .account("new_master", primary.mysql())
                        .sshPort("orig_master", old)
                        .sshPort("new_master", primary)
                        .call("master_ip_failover_script", "start", words));
    }

    /** {@code stop} or {@code start} of a switchover. The old primary always becomes a replica. */
    public static Optional<ScriptCall> onlineChange(Cluster cluster, String command, Node old, Node primary) {
        return cluster.hooks()
                .masterIpOnlineChange()
                .map(words -> new Arguments().add("command", command)
                        .server("orig_master", old)
                        .account("orig_master", old.mysql())
                        .add("orig_master_ssh_user", old.ssh().user())
                        .server("new_master", primary)
                        .account("new_master", primary.mysql())
                        .add("new_master_ssh_user", primary.ssh().user())
                        .sshPort("orig_master", old)
                        .sshPort("new_master", primary)
                        .add("orig_master_is_new_slave", "")
                        .call("master_ip_online_change_script", command, words));
    }

    public static Optional<ScriptCall> shutdownStatus(Cluster cluster, Node primary) {
        return cluster.hooks()
                .shutdown()
                .map(words -> new Arguments().add("command", "status")
                        .add("ssh_user", primary.ssh().user())
                        .add("host", primary.id().host().name())
                        .add("ip", ip(primary.id().host()))
                        .call("shutdown_script", "status", words));
    }

    static Optional<ScriptCall> shutdownStop(Cluster cluster, Node node, boolean sshAnswers) {
        return cluster.hooks().shutdown().map(words -> {
            Arguments arguments = new Arguments().add("command", sshAnswers ? "stopssh" : "stop");
            if (sshAnswers) {
                arguments.add("ssh_user", node.ssh().user());
            }
            arguments.add("host", node.id().host().name())
                    .add("ip", ip(node.id().host()))
                    .add("port", Integer.toString(node.id().port()));
            cluster.hooks().pidFile().ifPresent(file -> arguments.add("pid_file", file));
            if (node.ssh().port() != SSH) {
                arguments.add("ssh_port", Integer.toString(node.ssh().port()));
            }
            return arguments.call("shutdown_script", sshAnswers ? "stopssh" : "stop", words);
        });
    }

    /** @param primary only if one was opened @param replicas that follow it */
    public static Optional<ScriptCall> report(Cluster cluster, Node old, Optional<Node> primary, List<Node> replicas,
            String subject, String body) {
        return cluster.hooks().report().map(words -> {
            Arguments arguments = new Arguments().add("orig_master_host", old.id().host().name());
            primary.ifPresent(node -> arguments.add("new_master_host", node.id().host().name())
                    .add("new_slave_hosts", replicas.stream()
                            .map(replica -> replica.id().host().name())
                            .collect(Collectors.joining(","))));
            cluster.hooks().conf().ifPresent(conf -> arguments.add("conf", conf));
            return arguments.add("subject", subject).add("body", body).call("report_script", "", words);
        });
    }

    public static Optional<ScriptCall> secondaryCheck(Cluster cluster, Node primary) {
        return cluster.hooks()
                .secondaryCheck()
                .map(words -> new Arguments().add("user", primary.ssh().user())
                        .add("master_host", primary.id().host().name())
                        .add("master_ip", ip(primary.id().host()))
                        .add("master_port", Integer.toString(primary.id().port()))
                        .account("master", primary.mysql())
                        .add("ping_type", cluster.detection().ping().name())
                        .call("secondary_check_script", "", words));
    }

    /** The words to run. */
    List<String> all() {
        List<String> all = new ArrayList<>(words.words());
        arguments.forEach(argument -> all.add(argument.text()));
        return all;
    }

    String masked(String text) {
        String masked = text;
        for (Argument argument : arguments) {
            if (argument.secret() && !argument.value().isEmpty()) {
                masked = masked.replace(argument.value(), "******");
            }
        }
        return masked;
    }

    /** @return MHA's name for the script, and the command, such as {@code master_ip_failover_script stop} */
    public String name() {
        return command.isEmpty() ? script : script + " " + command;
    }

    @Override
    public String toString() {
        return words + " " + arguments.stream()
                .map(argument -> argument.name().equals("body") ? "--body=…" : argument.toString())
                .collect(Collectors.joining(" "));
    }

    private static final class Arguments {

        private final List<Argument> all = new ArrayList<>();

        Arguments add(String name, String value) {
            all.add(new Argument(name, value, false));
            return this;
        }

        Arguments server(String prefix, Node node) {
            return add(prefix + "_host", node.id().host().name()).add(prefix + "_ip", ip(node.id().host()))
                    .add(prefix + "_port", Integer.toString(node.id().port()));
        }

        Arguments account(String prefix, Account account) {
            add(prefix + "_user", account.user());
            all.add(new Argument(prefix + "_password", account.password().reveal(), true));
            return this;
        }

        Arguments sshPort(String prefix, Node node) {
            return node.ssh().port() == SSH
                    ? this
                    : add(prefix + "_ssh_port", Integer.toString(node.ssh().port()));
        }

        ScriptCall call(String script, String command, CommandWords words) {
            return new ScriptCall(script, command, words, all);
        }
    }

    /** A name server that does not answer holds up nobody: then the name stands for the address. */
    private static String ip(Host host) {
        CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> {
            try {
                return InetAddress.getByName(host.name()).getHostAddress();
            } catch (UnknownHostException e) {
                return host.name();
            }
        }, task -> Thread.ofVirtual().start(task));
        try {
            return answer.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return host.name();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the address of " + host, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return host.name();
        }
    }
}
