package dev.switchman.app;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Apart from other servers: two engines of one name in a process take each other's place. */
class IssuerDownTest {

    @TempDir
    Path folder;

    @Test
    void the_server_starts_and_all_but_the_issuers_people_come_in() throws Exception {
        try (RunningServer server = RunningServer.start(WhoMayWhatTest.inventory(folder, "http://127.0.0.1:1"),
                folder.resolve("data"), new PrintWriter(new StringWriter()));
                TestIssuer stranger = new TestIssuer()) {
            String token = "Bearer " + Files.readString(folder.resolve("data/cli.token")).strip();
            Visitor visitor = new Visitor("http://127.0.0.1:" + server.port());

            assertThat(visitor.get("/api/clusters", token).statusCode()).isEqualTo(200);
            HttpResponse<String> signed = visitor.get("/api/clusters", "Bearer " + stranger.forged("anna", "dba"));
            assertThat(signed.statusCode()).isEqualTo(503);
            assertThat(signed.body()).contains("does not tell how to log in");
            HttpResponse<String> begin = visitor.get("/oauth2/authorization/oidc", "");
            assertThat(begin.statusCode()).isEqualTo(503);
            assertThat(begin.body()).contains("the issuer http://127.0.0.1:1 does not tell how to log in");
            assertThat(visitor.get("/login", "").body()).contains("name=\"password\"");
        }
    }
}
