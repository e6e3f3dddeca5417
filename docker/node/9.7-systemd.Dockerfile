# The 9.7 node under a real service manager: systemd is process 1, mysqld is mysql.service, sshd is ssh.service.
# Run with (and without --init): --cgroupns private --cap-add SYS_ADMIN --cap-add NET_ADMIN
#   --security-opt seccomp=unconfined --security-opt apparmor=unconfined --sysctl net.ipv4.ip_forward=0
FROM switchman/mysql-node:9.7

RUN apt-get -o Acquire::Check-Valid-Until=false update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends systemd systemd-sysv \
 && rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_*

# Where packages put units: a unit in /etc/systemd/system cannot be masked.
COPY systemd/mysql.service /usr/lib/systemd/system/
COPY systemd/run-systemd systemd/start-mysqld systemd/stop-mysqld /usr/local/bin/
# Only what belongs to one host among many on this kernel may start.
RUN chmod 755 /usr/local/bin/* \
 && systemctl enable ssh.service mysql.service \
 && systemctl set-default multi-user.target \
 && systemctl mask getty.target console-getty.service systemd-sysctl.service systemd-modules-load.service \
        systemd-binfmt.service systemd-logind.service systemd-remount-fs.service sys-kernel-debug.mount \
        sys-kernel-tracing.mount dev-mqueue.mount dev-hugepages.mount proc-sys-fs-binfmt_misc.automount

ENV container=docker
STOPSIGNAL SIGRTMIN+3
ENTRYPOINT ["run-systemd"]
