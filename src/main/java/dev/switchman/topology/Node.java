package dev.switchman.topology;

import java.util.Optional;

/**
 * One configured server of a cluster: where it is, how it is reached, and what may become of it.
 *
 * @param mysql account that Switchman itself uses
 * @param ignoreFailure whether a failover may go on when this server is lost or broken
 * @param unit service unit that supervises mysqld on the host ({@code mysql.service}); empty where nothing does
 */
public record Node(
        NodeId id,
        PromotionRole role,
        boolean ignoreFailure,
        Account mysql,
        TlsMode tls,
        SshAccess ssh,
        Optional<String> unit) {

    @Override
    public String toString() {
        return id.toString();
    }
}
