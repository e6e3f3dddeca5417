package dev.switchman.ssh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.Base64;
import java.util.List;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.switchman.ssh.SshFailure.Kind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class KnownHostsTest {

    private static KeyPair ed25519;
    private static KeyPair ecdsa;

    @TempDir
    Path directory;

    @BeforeAll
    static void makeKeys() throws GeneralSecurityException {
        ed25519 = TestKeys.ed25519();
        ecdsa = TestKeys.ecdsa();
    }

    @Test
    void namesAndPatternsAreThoseOfOpenSsh() throws Exception {
        assertThat(trusts("db1", "db1", 22)).isTrue();
        assertThat(trusts("DB1", "db1", 22)).isTrue();
        assertThat(trusts("other,db1", "db1", 22)).isTrue();
        assertThat(trusts("db*.example.org", "db7.example.org", 22)).isTrue();
        assertThat(trusts("db?", "db12", 22)).isFalse();
        assertThat(trusts("*,!db1", "db1", 22)).isFalse();
        assertThat(trusts("[db1]:2222", "db1", 2222)).isTrue();
        assertThat(trusts("[db1]:2222", "db1", 22)).isFalse();
        assertThat(trusts("db1", "db1", 2222)).isFalse();
        assertThat(trusts("db1.example.org", "db1xexample.org", 22)).isFalse();
    }

    @Test
    void hashedNamesAreFound() throws Exception {
        assertThat(trusts(hashed("db1"), "db1", 22)).isTrue();
        assertThat(trusts(hashed("db2"), "db1", 22)).isFalse();
        assertThat(trusts(hashed("[db1]:2222"), "db1", 2222)).isTrue();
        assertThat(trusts("|1|not base64|at all", "db1", 22)).isFalse();
    }

    @Test
    void linesThatCannotBeReadAreSkipped() throws Exception {
        KnownHosts known = read(List.of("# a comment", "", "db1", "db1 ssh-ed25519 garbage",
                "@cert-authority db1 " + TestKeys.line(ecdsa),
                "db1 " + TestKeys.line(ed25519) + " with a comment"), "db1", 22);

        assertThat(known.trusted()).hasSize(1);
        assertThat(known.objection(ed25519.getPublic())).isEmpty();
    }

    @Test
    void unknownChangedAndRevokedKeysAreToldApart() throws Exception {
        KnownHosts none = read(List.of(), "db1", 22);
        KnownHosts other = read(List.of("db1 " + TestKeys.line(TestKeys.ed25519())), "db1", 22);
        KnownHosts revoked = read(List.of("db1 " + TestKeys.line(ed25519), "@revoked * " + TestKeys.line(ed25519)),
                "db1", 22);

        assertThat(none.objection(ed25519.getPublic()).orElseThrow().kind()).isEqualTo(Kind.UNKNOWN_HOST_KEY);
        assertThat(other.objection(ed25519.getPublic()).orElseThrow().kind()).isEqualTo(Kind.CHANGED_HOST_KEY);
        assertThat(revoked.objection(ed25519.getPublic()).orElseThrow().why()).contains("@revoked");
    }

    @Test
    void algorithmsOfKnownKeysComeFirst() throws Exception {
        KnownHosts known = read(List.of("db1 " + TestKeys.line(TestKeys.rsa())), "db1", 22);

        assertThat(known.order(List.of("ecdsa-sha2-nistp256", "ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256")))
                .containsExactly("rsa-sha2-512", "rsa-sha2-256", "ecdsa-sha2-nistp256", "ssh-ed25519");
    }

    @Test
    void aMissingFileIsNamed() {
        Path missing = directory.resolve("nowhere");

        assertThatThrownBy(() -> KnownHosts.read(missing, "db1", 22)).isInstanceOf(SshFailure.class)
                .hasMessageContaining(missing.toString());
    }

    private boolean trusts(String hosts, String host, int port) throws Exception {
        return read(List.of(hosts + " " + TestKeys.line(ed25519)), host, port).objection(ed25519.getPublic()).isEmpty();
    }

    private KnownHosts read(List<String> lines, String host, int port) throws IOException, SshFailure {
        Path file = directory.resolve("known_hosts");
        Files.write(file, lines);
        return KnownHosts.read(file, host, port);
    }

    private static String hashed(String name) throws GeneralSecurityException {
        byte[] salt = "01234567890123456789".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(salt, "HmacSHA1"));
        byte[] hash = mac.doFinal(name.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        Base64.Encoder base64 = Base64.getEncoder();
        return "|1|" + base64.encodeToString(salt) + "|" + base64.encodeToString(hash);
    }
}
