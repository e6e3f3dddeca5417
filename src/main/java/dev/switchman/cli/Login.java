package dev.switchman.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How a command shows the server who it is.
 *
 * @param header value of the Authorization header; empty: none
 * @param hint how to get one, for the message when the server refuses
 */
record Login(Optional<String> header, String hint) {

    private static final Set<String> LOCAL = Set.of("127.0.0.1", "localhost", "[::1]");

    /** @param dataNamed whether the user named the folder; else its token is shown to a server on this machine only */
    static Login find(Map<String, String> environment, Path data, URI server, boolean dataNamed) {
        String own = environment.getOrDefault("SWITCHMAN_TOKEN", "").strip();
        if (!own.isEmpty()) {
            return new Login(Optional.of("Bearer " + own), "the token of SWITCHMAN_TOKEN was not accepted");
        }
        String user = environment.getOrDefault("SWITCHMAN_USER", "");
        if (!user.isEmpty()) {
            String pair = user + ":" + environment.getOrDefault("SWITCHMAN_PASSWORD", "");
            return new Login(Optional.of("Basic "
                    + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8))),
                    "the login of SWITCHMAN_USER and SWITCHMAN_PASSWORD was not accepted");
        }
        String hint = "set SWITCHMAN_TOKEN, or SWITCHMAN_USER and SWITCHMAN_PASSWORD";
        Path token = data.resolve("cli.token");
        if (!dataNamed && !LOCAL.contains(server.getHost())) {
            return new Login(Optional.empty(), hint);
        }
        if (!Files.exists(token)) {
            return new Login(Optional.empty(),
                    hint + ", or name the server's folder with --data (there is no " + token + ")");
        }
        try {
            return new Login(Optional.of("Bearer " + Files.readString(token).strip()),
                    "the token in " + token + " was not accepted; is it that server's folder?");
        } catch (IOException e) {
            return new Login(Optional.empty(), hint + ", or run this as a user who may read " + token);
        }
    }

    @Override
    public String toString() {
        return header.isPresent() ? "login" : "no login";
    }
}
