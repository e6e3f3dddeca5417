package dev.switchman.app;

import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.switchman.lab.Eventually;
import dev.switchman.lab.ServerProcess;

import static org.assertj.core.api.Assertions.assertThat;

/** What {@code ./switchman serve} makes of the built jar: on its class path, unlike on a test's, pages can be missing. */
class LauncherIT {

    private static final Pattern LINK = Pattern.compile("(?:src|href)=\"([^\"#]+\\.(?:js|css|ico)[^\"]*)\"");

    /** What the page loads by script: its own parts are plugins, found on the class path as resources of a jar. */
    private static final Pattern PLUGIN = Pattern.compile("location: '([^']+)', main: '([^']+)'");

    @TempDir
    static Path folder;

    private static ServerProcess server;
    private static String address;

    @BeforeAll
    static void start() throws Exception {
        int port = ServerProcess.freePort();
        address = "http://127.0.0.1:" + port;
        server = ServerProcess.start(RunningServerTest.configuration(folder, port), folder, port);
        server.awaitUp();
        Eventually.until("told", Eventually.PATIENCE,
                () -> server.administratorPassword().isPresent() ? Optional.empty() : Optional.of("no password yet"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void the_interface_answers() {
        assertThat(server.get("/api/clusters").toString()).contains("\"name\":\"shop\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cockpit", "tasklist", "admin"})
    void the_pages_come_with_everything_that_they_link(String application) throws Exception {
        Visitor visitor = new Visitor(address);
        visitor.logIn("admin", server.administratorPassword().orElseThrow());
        String path = "/camunda/app/" + application + "/default/";

        HttpResponse<String> page = visitor.get(path, "");

        assertThat(page.statusCode()).isEqualTo(200);
        List<String> links = new ArrayList<>();
        Matcher link = LINK.matcher(page.body());
        while (link.find()) {
            links.add(URI.create(path).resolve(link.group(1)).toString());
        }
        Matcher plugin = PLUGIN.matcher(page.body());
        while (plugin.find()) {
            links.add(plugin.group(1) + "/" + plugin.group(2));
        }
        assertThat(links).as(page.body())
                .anyMatch(each -> each.endsWith("/plugin.js"))
                .anyMatch(each -> each.contains(".js"))
                .anyMatch(each -> each.contains(".css"));
        for (String each : links) {
            HttpResponse<String> answer = visitor.get(each, "");
            assertThat(answer.statusCode()).as(each).isEqualTo(200);
            assertThat(answer.body()).as(each).isNotEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/clusters", "/clusters/shop", "/runs", "/decisions"})
    void our_own_pages_come_with_everything_that_they_link(String path) throws Exception {
        Visitor visitor = new Visitor(address);
        visitor.logIn("admin", server.administratorPassword().orElseThrow());

        HttpResponse<String> page = visitor.get(path, "");

        assertThat(page.statusCode()).isEqualTo(200);
        List<String> links = new ArrayList<>();
        Matcher link = LINK.matcher(page.body());
        while (link.find()) {
            links.add(URI.create(path).resolve(link.group(1)).toString());
        }
        assertThat(links).contains("/assets/switchman.css", "/lib/htmx/htmx.min.js", "/assets/switchman.js");
        for (String each : links) {
            assertThat(visitor.get(each, "").statusCode()).as(each).isEqualTo(200);
        }
    }
}
