package dev.switchman.app;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.switchman.PostgresServer;
import dev.switchman.config.Inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The whole program with its store in PostgreSQL. */
class PostgresStoreIT {

    @TempDir
    Path folder;

    @Test
    void the_store_is_one_servers_alone_and_outlives_it() throws Exception {
        String url = PostgresServer.newDatabase().bare();
        StringWriter first = new StringWriter();

        try (RunningServer one = start(url, "one", first)) {
            assertThat(new Visitor("http://127.0.0.1:" + one.port()).get("/api/clusters", token("one")).body())
                    .contains("\"name\":\"shop\"");
            assertThatThrownBy(() -> start(url, "two", new StringWriter())).isInstanceOf(StartRefused.class)
                    .hasMessage("switchman.server.store.url: " + url + ": in use by another switchman");
        }

        assertThat(first.toString()).containsPattern(RunningServerTest.PASSWORD);
        assertThat(folder.resolve("one/store.mv.db")).doesNotExist();
        StringWriter second = new StringWriter();
        try (RunningServer two = start(url, "two", second)) {
            assertThat(new Visitor("http://127.0.0.1:" + two.port()).get("/engine-rest/user/admin/profile",
                    token("two")).body()).contains("\"id\":\"admin\"");
        }
        assertThat(second.toString()).contains("Switchman is up").doesNotContain("password");
    }

    @Test
    void a_store_that_is_not_there_is_told_in_one_line() throws Exception {
        String url = "jdbc:postgresql://127.0.0.1:" + RunningServerTest.freePort() + "/nowhere";

        assertThatThrownBy(() -> start(url, "data", new StringWriter())).isInstanceOf(StartRefused.class)
                .hasMessageContaining("switchman.server.store.url: " + url + ": ")
                .hasMessageContaining("refused");
        assertThat(folder.resolve("data/store.mv.db")).doesNotExist();
    }

    private String token(String data) throws Exception {
        return "Bearer " + Files.readString(folder.resolve(data).resolve("cli.token")).strip();
    }

    private RunningServer start(String url, String data, StringWriter out) throws Exception {
        Path file = RunningServerTest.configuration(folder, RunningServerTest.freePort());
        Files.writeString(file, Files.readString(file)
                .replace("  server: {", "  server: {store: {url: '" + url + "', user: " + PostgresServer.USER
                        + ", password: {file: secret}}, "));
        if (!(Inventory.read(file) instanceof Inventory.Loaded inventory)) {
            throw new AssertionError(Inventory.read(file));
        }
        return RunningServer.start(inventory, folder.resolve(data), new PrintWriter(out, true));
    }
}
