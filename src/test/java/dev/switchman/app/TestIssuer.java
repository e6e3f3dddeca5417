package dev.switchman.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * A small OpenID Connect issuer over real HTTP: the code flow with a client secret and PKCE where it is asked for, signed
 * tokens, keys, the user's claims. Whoever comes to log in is whom the test has put at its keyboard.
 */
final class TestIssuer implements AutoCloseable {

    static final String CLIENT = "switchman";
    static final String SECRET = "clients-s3cret";

    private final HttpServer http;
    private final RSAKey key = newKey();
    private final Map<String, Request> codes = new ConcurrentHashMap<>();
    private volatile String name = "";
    private volatile List<String> groups = List.of();

    private record Request(String name, List<String> groups, String nonce, String challenge) {}

    TestIssuer() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/.well-known/openid-configuration", exchange -> json(exchange, Map.of(
                "issuer", url(), "authorization_endpoint", url() + "/authorize", "token_endpoint", url() + "/token",
                "jwks_uri", url() + "/jwks", "userinfo_endpoint", url() + "/userinfo",
                "subject_types_supported", List.of("public"), "response_types_supported", List.of("code"),
                "id_token_signing_alg_values_supported", List.of("RS256"))));
        http.createContext("/jwks", exchange -> json(exchange, new JWKSet(key.toPublicJWK()).toJSONObject()));
        http.createContext("/authorize", this::authorize);
        http.createContext("/token", this::token);
        http.createContext("/userinfo", exchange -> json(exchange, Map.of("sub", "id-of-" + bearer(exchange))));
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.start();
    }

    String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    void atTheKeyboard(String who, String... inGroups) {
        name = who;
        groups = List.of(inGroups);
    }

    /** @return a token for the API, as another program would get it */
    String tokenFor(String who, String audience, Duration lives, String... inGroups) {
        return signed(who, List.of(inGroups), audience, lives, "", key);
    }

    /** @return one that somebody else has signed */
    String forged(String who, String... inGroups) {
        return signed(who, List.of(inGroups), CLIENT, Duration.ofMinutes(5), "", newKey());
    }

    private void authorize(HttpExchange exchange) throws IOException {
        Map<String, String> query = form(exchange.getRequestURI().getRawQuery());
        String code = UUID.randomUUID().toString();
        codes.put(code, new Request(name, groups, query.getOrDefault("nonce", ""),
                query.getOrDefault("code_challenge", "")));
        exchange.getResponseHeaders()
                .add("Location", query.get("redirect_uri") + "?code=" + code + "&state="
                        + java.net.URLEncoder.encode(query.getOrDefault("state", ""), StandardCharsets.UTF_8));
        exchange.sendResponseHeaders(302, -1);
        exchange.close();
    }

    private void token(HttpExchange exchange) throws IOException {
        Map<String, String> form = form(
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        Request request = codes.remove(form.getOrDefault("code", ""));
        String basic = "Basic " + Base64.getEncoder()
                .encodeToString((CLIENT + ":" + SECRET).getBytes(StandardCharsets.UTF_8));
        boolean client = basic.equals(exchange.getRequestHeaders().getFirst("Authorization"));
        if (request == null || !client || !proven(request, form.getOrDefault("code_verifier", ""))) {
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
            return;
        }
        json(exchange, Map.of("access_token", request.name(), "token_type", "Bearer", "expires_in", 300, "scope",
                "openid profile email", "id_token",
                signed(request.name(), request.groups(), CLIENT, Duration.ofMinutes(5), request.nonce(), key)));
    }

    private static boolean proven(Request request, String verifier) {
        return request.challenge().isEmpty() || request.challenge()
                .equals(Base64.getUrlEncoder().withoutPadding().encodeToString(sha256(verifier)));
    }

    private String signed(String who, List<String> inGroups, String audience, Duration lives, String nonce, RSAKey by) {
        Instant now = Instant.now();
        JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder().issuer(url())
                .subject("id-of-" + who)
                .audience(audience)
                .issueTime(Date.from(now.minusSeconds(3_600)))
                .expirationTime(Date.from(now.plus(lives)))
                .claim("preferred_username", who)
                .claim("groups", inGroups);
        if (!nonce.isEmpty()) {
            claims.claim("nonce", nonce);
        }
        SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(by.getKeyID()).build(),
                claims.build());
        try {
            token.sign(new RSASSASigner(by));
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
        return token.serialize();
    }

    private static RSAKey newKey() {
        try {
            return new RSAKeyGenerator(2048).keyID("key").generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String bearer(HttpExchange exchange) {
        return String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")).replace("Bearer ", "");
    }

    private static Map<String, String> form(String text) {
        Map<String, String> fields = new HashMap<>();
        for (String field : text.split("&")) {
            String[] pair = field.split("=", 2);
            fields.put(URLDecoder.decode(pair[0], StandardCharsets.UTF_8),
                    pair.length == 1 ? "" : URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
        }
        return fields;
    }

    private static void json(HttpExchange exchange, Map<String, Object> body) {
        try (exchange) {
            byte[] bytes = JSONObjectUtils.toJSONString(body).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
