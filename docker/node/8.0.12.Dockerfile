# A host with MySQL 8.0.12 on it: mysqld alone, without plugins (no semi-sync). The client is MariaDB's.
# Run with: --init --cap-add NET_ADMIN --sysctl net.ipv4.ip_forward=0
FROM debian:bookworm-slim

# An index may be past its valid-until date. Host keys are made when a container starts, not here.
RUN apt-get -o Acquire::Check-Valid-Until=false update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        libaio1 libnuma1 mariadb-client-core openssh-server iproute2 iputils-arping procps iptables \
 && rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_*

ADD mysql-Linux-amd64.tar.gz /opt/mysql/

# The data directory is made once, here. Without auto.cnf every container gives itself its own server UUID.
RUN groupadd --system mysql \
 && useradd --system --gid mysql --home-dir /nonexistent --shell /usr/sbin/nologin mysql \
 && ln -s /opt/mysql/bin/mysqld /usr/sbin/mysqld \
 && install -d -o mysql -g mysql /run/mysqld /var/log/mysql \
 && install -d -o mysql -g mysql -m 750 /var/lib/mysql \
 && mysqld --no-defaults --initialize-insecure --user=mysql --basedir=/opt/mysql --lc-messages-dir=/opt/mysql/share \
        --datadir=/var/lib/mysql --innodb-log-file-size=8M \
 && rm /var/lib/mysql/auto.cnf

ENV AUTHENTICATION_PLUGIN=caching_sha2_password
COPY cnf/sshd.conf /etc/ssh/sshd_config.d/node.conf
COPY cnf/common.cnf cnf/8.0.12.cnf /etc/mysql-node/
COPY bin/ /usr/local/bin/
RUN chmod 755 /usr/local/bin/*

EXPOSE 22 3306
ENTRYPOINT ["run-node"]
