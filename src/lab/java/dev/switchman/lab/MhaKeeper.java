package dev.switchman.lab;

import java.time.Duration;
import java.util.Optional;

/**
 * MHA 0.58 from Debian's packages, on a host of its own in the lab's network, as a careful person sets it up: a ping each
 * second, no secondary check (a frozen host passes MHA's), no mail, and a script that moves the virtual IP, announces it,
 * and never waits long for a host that does not answer. The lab's image must have MHA on it.
 */
final class MhaKeeper implements Keeper {

    /** Tag of the node image that has MHA on it. */
    static final String IMAGE = "5.7-mha";

    private static final String FOLDER = "/etc/mha";
    private static final String FILE = FOLDER + "/bench.cnf";
    private static final String SCRIPT = FOLDER + "/virtual_ip";
    private static final String LOG = "/var/log/masterha.log";
    private static final String STATUS = "/var/log/masterha.status";
    private static final String WATCHES = "waiting until MySQL doesn't respond";
    private static final Duration STARTS = Duration.ofSeconds(60);
    private static final Duration LOOK = Duration.ofMillis(200);

    /** Both contracts of MHA's scripts for an address; they differ in the arguments alone. */
    private static final String MOVES_THE_ADDRESS = """
            #!/bin/bash
            set -euo pipefail
            vip=%s device=%s command= orig_host= orig_ip= orig_user= orig_password= new_host= new_ip= new_user= new_password=
            for word; do
                case $word in
                --command=*) command=${word#*=} ;;
                --orig_master_host=*) orig_host=${word#*=} ;;
                --orig_master_ip=*) orig_ip=${word#*=} ;;
                --orig_master_user=*) orig_user=${word#*=} ;;
                --orig_master_password=*) orig_password=${word#*=} ;;
                --new_master_host=*) new_host=${word#*=} ;;
                --new_master_ip=*) new_ip=${word#*=} ;;
                --new_master_user=*) new_user=${word#*=} ;;
                --new_master_password=*) new_password=${word#*=} ;;
                esac
            done
            on() { ssh -o BatchMode=yes -o ConnectTimeout=2 "root@$1" "$2"; }
            remove() { on "$orig_host" "ip addr del $vip/32 dev $device"; }
            case $command in
            status) ;;
            stopssh) remove ;;
            stop)
                # With an account it is a switchover; without, a failover from a host that does not answer.
                if [[ -n $orig_user ]]; then
                    mysql -h "$orig_ip" -u "$orig_user" "-p$orig_password" -e 'SET GLOBAL super_read_only = 1'
                    remove
                fi
                ;;
            start)
                mysql -h "$new_ip" -u "$new_user" "-p$new_password" -e 'SET GLOBAL read_only = 0'
                on "$new_host" "ip addr replace $vip/32 dev $device;
                    arping -U -c 2 -I $device $vip </dev/null >/dev/null 2>&1 &"
                ;;
            *) exit 1 ;;
            esac
            """;

    private final LabCluster lab;
    private final LabNode host;

    private MhaKeeper(LabCluster lab, LabNode host) {
        this.lab = lab;
        this.host = host;
    }

    static MhaKeeper of(LabCluster lab) {
        LabNode host = lab.addHost("manager");
        lab.write(host, SCRIPT, "700", MOVES_THE_ADDRESS.formatted(lab.virtualIp(), LabCluster.DEVICE));
        lab.write(host, FILE, "600", configuration(lab));
        lab.exec(host, "mkdir", "-p", "/var/lib/mha");
        return new MhaKeeper(lab, host);
    }

    private static String configuration(LabCluster lab) {
        StringBuilder text = new StringBuilder("""
                [server default]
                user=%s
                password=%s
                repl_user=%s
                repl_password=%s
                ssh_user=root
                manager_workdir=/var/lib/mha
                ping_interval=1
                master_ip_failover_script=%s
                master_ip_online_change_script=%s
                """.formatted(lab.account().user(), lab.account().password().reveal(), lab.replicationAccount().user(),
                lab.replicationAccount().password().reveal(), SCRIPT, SCRIPT));
        for (LabNode node : lab.nodes()) {
            text.append("[server").append(node.serverId()).append("]\nhostname=").append(node.address()).append('\n');
        }
        return text.toString();
    }

    @Override
    public String title() {
        return "MHA 0.58";
    }

    @Override
    public void watch() {
        lab.exec(host, "sh", "-c", "setsid sh -c 'masterha_manager --conf=" + FILE + " --ignore_last_failover >" + LOG
                + " 2>&1; echo $? >" + STATUS + "' </dev/null >/dev/null 2>&1 &");
        Eventually.until("watching: masterha_manager", STARTS, LOOK, () -> {
            ended().ifPresent(status -> {
                throw new LabException("masterha_manager ended with status " + status + "\n" + lastLines());
            });
            return lastLines().contains(WATCHES) ? Optional.empty() : Optional.of(lastLines());
        });
    }

    private Optional<String> ended() {
        Shell.Ended status = lab.attempt(host, "cat", STATUS);
        return status.status() == 0 ? Optional.of(status.output()) : Optional.empty();
    }

    /** A switchover is a program of its own, and wants no manager beside it. */
    @Override
    public void prepare() {
        lab.awaitHealthy(lab.virtualIpHolders().getFirst());
    }

    @Override
    public void switchOver() {
        lab.exec(host, "sh", "-c", "masterha_master_switch --conf=" + FILE
                + " --master_state=alive --interactive=0 --orig_master_is_new_slave >" + LOG + " 2>&1");
    }

    @Override
    public void awaitFailover(Duration deadline) {
        String[] status = {""};
        Eventually.until("ended: masterha_manager", deadline, LOOK, () -> {
            ended().ifPresent(number -> status[0] = number);
            return status[0].isEmpty() ? Optional.of(lastLines()) : Optional.empty();
        });
        if (!status[0].equals("0")) {
            throw new LabException("masterha_manager ended with status " + status[0]);
        }
    }

    @Override
    public String lastLines() {
        return lab.attempt(host, "tail", "-n", "60", LOG).output();
    }

    /** It lives on a host of the lab, and ends with it. */
    @Override
    public void close() {
        lab.attempt(host, "pkill", "masterha_");
    }
}
