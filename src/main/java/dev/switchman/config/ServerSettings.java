package dev.switchman.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Period;
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
 * @param logFormat how the log is written from the start of the server on
 * @param audit what becomes of the journal
 */
public record ServerSettings(
        String address,
        int port,
        String adminUser,
        Optional<Store> store,
        Optional<URI> publicUrl,
        Optional<OidcSettings> oidc,
        LogFormat logFormat,
        Audit audit) {

    /**
     * @param keep how long the journal keeps a run after its end; empty: for good
     * @param headFile the journal's head is appended to it every day; empty: to none
     */
    public record Audit(Optional<Period> keep, Optional<Path> headFile) {

        /** Everything is kept, and no file is written. */
        public static final Audit FOR_GOOD = new Audit(Optional.empty(), Optional.empty());
    }

    /** How a line of the log looks. */
    public enum LogFormat {
        TEXT,
        /** JSON with Logstash's names. */
        LOGSTASH,
        /** JSON with the names of the Elastic Common Schema. */
        ECS
    }

    /** One that logs text and keeps its journal for good. */
    public ServerSettings(String address, int port, String adminUser, Optional<Store> store, Optional<URI> publicUrl,
            Optional<OidcSettings> oidc) {
        this(address, port, adminUser, store, publicUrl, oidc, LogFormat.TEXT, Audit.FOR_GOOD);
    }

    /** @return the same at another port */
    public ServerSettings on(int other) {
        return new ServerSettings(address, other, adminUser, store, publicUrl, oidc, logFormat, audit);
    }

    /** @param url {@code jdbc:postgresql://…} */
    public record Store(String url, Account account) {}
}
