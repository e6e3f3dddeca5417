package dev.switchman.config;

import java.net.URI;
import java.util.Optional;

import dev.switchman.topology.Account;

/**
 * Settings of the server program itself: {@code switchman.server}.
 *
 * @param address host name or IP address that the HTTP server binds to
 * @param port TCP port of the HTTP server
 * @param adminUser name of the user that is made at first start
 * @param store the PostgreSQL database that holds everything; empty: a file in the data folder
 * @param publicUrl where browsers find the server, when a proxy stands before it
 * @param oidc the issuer whose people may log in; empty: none
 */
public record ServerSettings(
        String address,
        int port,
        String adminUser,
        Optional<Store> store,
        Optional<URI> publicUrl,
        Optional<OidcSettings> oidc) {

    /** @param url {@code jdbc:postgresql://…} */
    public record Store(String url, Account account) {}
}
