# A host with MySQL 9.7 on it, from Debian's packages. Run with: --init --cap-add NET_ADMIN --sysctl net.ipv4.ip_forward=0
FROM debian:sid-slim

# An index may be past its valid-until date. Host keys are made when a container starts, not here.
RUN apt-get -o Acquire::Check-Valid-Until=false update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        mysql-server-core mysql-client-core openssh-client openssh-server iproute2 iputils-arping procps iptables \
 && rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_*

# The data directory is made once, here. Without auto.cnf every container gives itself its own server UUID.
RUN groupadd --system mysql \
 && useradd --system --gid mysql --home-dir /nonexistent --shell /usr/sbin/nologin mysql \
 && install -d -o mysql -g mysql /run/mysqld /var/log/mysql \
 && install -d -o mysql -g mysql -m 750 /var/lib/mysql \
 && mysqld --no-defaults --initialize-insecure --user=mysql --datadir=/var/lib/mysql --innodb-redo-log-capacity=32M \
 && rm /var/lib/mysql/auto.cnf

# OpenSSH 9.8 and later shuts out an address that fails to log in a few times; a lab does that on purpose.
RUN echo 'PerSourcePenalties no' > /etc/ssh/sshd_config.d/penalties.conf

ENV AUTHENTICATION_PLUGIN=caching_sha2_password
COPY cnf/sshd.conf /etc/ssh/sshd_config.d/node.conf
COPY cnf/common.cnf cnf/9.7.cnf /etc/mysql-node/
COPY bin/ /usr/local/bin/
RUN chmod 755 /usr/local/bin/*

EXPOSE 22 3306
ENTRYPOINT ["run-node"]
