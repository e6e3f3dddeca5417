package dev.switchman.topology;

import java.util.List;
import java.util.Optional;

/**
 * Where reports are mailed.
 *
 * @param login empty: the server is used without authentication
 * @param startTls whether the connection must turn to TLS before anything else is said
 */
public record MailSettings(Host server, int port, Optional<Account> login, boolean startTls, String from,
        List<String> to) {

    public MailSettings {
        to = List.copyOf(to);
    }
}
