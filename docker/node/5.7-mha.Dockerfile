# A host of MySQL 5.7.22 with MHA 0.58 on it, manager and node, as Debian packages them: for a benchmark beside MHA,
# and for scripts that were written for it. Made on request only; nothing of MHA is kept in this repository.
FROM switchman/mysql-node:5.7

# The Perl of today dies of a format in NodeUtil.pm that takes two numbers of a server's version and is given three
# ("Redundant argument in sprintf"): it is given the first two.
RUN apt-get -o Acquire::Check-Valid-Until=false update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        mha4mysql-manager mha4mysql-node openssh-client \
 && sed -i '/^sub parse_mysql_major_version/,/^}/ s|, \(.* =~ .*\) )|, (\1)[0, 1] )|' /usr/share/perl5/MHA/NodeUtil.pm \
 && [ "$(perl -MMHA::NodeUtil -e 'print MHA::NodeUtil::parse_mysql_major_version("5.7.22")')" = 005007 ] \
 && rm -rf /var/lib/apt/lists/*
