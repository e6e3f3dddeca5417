package dev.switchman.app;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;

import static org.assertj.core.api.Assertions.assertThat;

/** Real servers with certificates of an authority of their own; {@code check} as a program, with the trust store of its JVM. */
@Tag("matrix")
class TlsIT {

    private static final String PASSWORD = "changeit";

    private static LabCluster lab;
    private static Path trusting;
    private static Path mistrusting;

    private record Checked(int exitCode, Set<String> failed, String text) {}

    @BeforeAll
    static void start() throws Exception {
        lab = LabCluster.builder().nodes(2).start();
        Path authority = authority("ca");
        trusting = trust("trust.p12", authority);
        mistrusting = trust("other.p12", authority("other-ca"));
        for (LabNode node : lab.nodes()) {
            install(node, authority, node.address());
        }
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @Test
    void serversOfATrustedAuthorityPass() throws Exception {
        for (String mode : List.of("required", "verify-ca", "verify-identity")) {
            Checked checked = check(mode, trusting);

            assertThat(checked.failed()).as(mode + ": " + checked.text()).isEmpty();
            assertThat(checked.exitCode()).as(mode).isZero();
        }
    }

    @Test
    void anotherAuthorityIsNamed() throws Exception {
        for (String mode : List.of("verify-ca", "verify-identity")) {
            Checked checked = check(mode, mistrusting);

            assertThat(checked.exitCode()).isEqualTo(1);
            assertThat(checked.failed()).as(checked.text())
                    .containsAll(lab.nodes().stream().map(node -> "connect " + node.id()).toList());
            assertThat(checked.text()).contains("TLS: (certificate_unknown)",
                    "does not chain with any of the trust anchors");
        }
        assertThat(check("required", mistrusting).failed()).as("encryption alone proves nobody").isEmpty();
    }

    @Test
    void aCertificateForAnotherServerIsNamed() throws Exception {
        LabNode last = lab.nodes().getLast();
        install(last, lab.directory().resolve("ca.p12"), "10.99.99.99");
        try {
            Checked checked = check("verify-identity", trusting);

            assertThat(checked.exitCode()).isEqualTo(1);
            assertThat(checked.failed()).as(checked.text())
                    .contains("connect " + last.id())
                    .doesNotContain("connect " + lab.nodes().getFirst().id());
            assertThat(check("verify-ca", trusting).failed()).isEmpty();
        } finally {
            install(last, lab.directory().resolve("ca.p12"), last.address());
        }
    }

    // ---- certificates

    private static Path authority(String name) throws IOException, InterruptedException {
        Path store = lab.directory().resolve(name + ".p12");
        keytool("-genkeypair", "-alias", "ca", "-keyalg", "RSA", "-dname", "CN=" + name, "-ext", "bc:c", "-validity",
                "30", "-keystore", store.toString());
        return store;
    }

    private static Path trust(String name, Path authority) throws IOException, InterruptedException {
        Path store = lab.directory().resolve(name);
        Path certificate = Files.writeString(lab.directory().resolve(name + ".pem"), exported(authority));
        keytool("-importcert", "-noprompt", "-alias", "ca", "-file", certificate.toString(), "-keystore",
                store.toString());
        return store;
    }

    private static String exported(Path authority) throws IOException, InterruptedException {
        return keytool("-exportcert", "-rfc", "-alias", "ca", "-keystore", authority.toString());
    }

    /** Gives the server a new key with a certificate for this address, and lets it read them. */
    private static void install(LabNode node, Path authority, String address)
            throws IOException, InterruptedException, GeneralSecurityException {
        Path store = lab.directory().resolve(node.name() + ".p12");
        Files.deleteIfExists(store);
        keytool("-genkeypair", "-alias", "server", "-keyalg", "RSA", "-dname", "CN=" + node.name(), "-keystore",
                store.toString());
        Path request = Files.writeString(lab.directory().resolve(node.name() + ".csr"),
                keytool("-certreq", "-alias", "server", "-keystore", store.toString()));
        String certificate = keytool("-gencert", "-rfc", "-alias", "ca", "-infile", request.toString(), "-ext",
                "san=ip:" + address, "-validity", "30", "-keystore", authority.toString());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream stream = Files.newInputStream(store)) {
            keys.load(stream, PASSWORD.toCharArray());
        }
        String key = "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder(64, new byte[]{'\n'})
                .encodeToString(keys.getKey("server", PASSWORD.toCharArray()).getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
        put(node, "ca.pem", exported(authority));
        put(node, "server-cert.pem", certificate);
        put(node, "server-key.pem", key);
        lab.execute(node, "ALTER INSTANCE RELOAD TLS");
    }

    private static void put(LabNode node, String file, String content) {
        lab.exec(node, "sh", "-c",
                "printf '%s' \"$1\" >/var/lib/mysql/" + file + " && chown mysql /var/lib/mysql/" + file
                        + " && chmod 600 /var/lib/mysql/" + file,
                "sh", content);
    }

    private static String keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-storepass", PASSWORD, "-storetype", "PKCS12"));
        return run(command, true);
    }

    // ---- the program

    private static Checked check(String mode, Path trustStore) throws IOException, InterruptedException {
        Path configuration = lab.directory().resolve("switchman.yaml");
        lab.writeConfig(configuration, "shop", 18080, "standard");
        String text = Files.readString(configuration);
        Files.writeString(configuration, text + "  defaults:\n    mysql: {tls: " + mode + "}\n");
        String out = run(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-Djavax.net.ssl.trustStore=" + trustStore,
                "-Djavax.net.ssl.trustStorePassword=" + PASSWORD, "-cp", System.getProperty("java.class.path"),
                "dev.switchman.app.Switchman", "check", "shop", "--json", "--config", configuration.toString()), false);
        JsonNode json = new ObjectMapper().readTree(out);
        Set<String> failed = new TreeSet<>();
        for (JsonNode finding : json.path("clusters").path(0).path("findings")) {
            if (finding.path("grade").asText().equals("failed")) {
                failed.add(finding.path("check").asText() + " " + finding.path("subject").asText());
            }
        }
        return new Checked(json.path("passed").asBoolean() ? 0 : 1, failed, out);
    }

    private static String run(List<String> command, boolean mustSucceed) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String out = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ended: " + command).isTrue();
        assertThat(!mustSucceed || process.exitValue() == 0).as(command + ": " + process.exitValue() + " " + out)
                .isTrue();
        return out;
    }
}
