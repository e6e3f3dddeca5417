package dev.switchman.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Users and tokens, over real HTTP against a server that answers as told. */
class PeopleCommandsTest {

    private static final String ANNA = """
            {"name":"anna","groups":["operator","approver"],"mail":"anna@example.org"}""";

    @TempDir
    Path home;

    private Shell shell = new Shell(Path.of(""));
    private StubServer server = stub();

    private static StubServer stub() {
        try {
            return new StubServer();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void shell() {
        shell = new Shell(home);
        shell.environment.put("SWITCHMAN_SERVER", server.url());
        shell.environment.put("SWITCHMAN_TOKEN", "switchman_robot");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void a_user_is_added_with_a_password_that_was_typed_twice() {
        server.when("POST /api/users", 201, ANNA);
        shell.typed.add("Secret-12345");
        shell.typed.add("Secret-12345");

        Shell.Result result = shell.run("user", "add", "anna", "--group", "operator,approver", "--mail",
                "anna@example.org");

        assertThat(result).isEqualTo(new Shell.Result(0, "anna may log in, as operator, approver\n", ""));
        assertThat(server.requests()).containsExactly("POST /api/users [Bearer switchman_robot] "
                + "{\"name\":\"anna\",\"groups\":[\"operator\",\"approver\"],\"mail\":\"anna@example.org\","
                + "\"password\":\"Secret-12345\"}");
    }

    @Test
    void two_different_words_change_nothing() {
        shell.typed.add("Secret-12345");
        shell.typed.add("Secret-12346");

        assertThat(shell.run("user", "password", "anna")).isEqualTo(
                new Shell.Result(2, "", "the two passwords differ; nothing was changed\n"));
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void a_password_comes_from_a_file_or_the_standard_input() throws IOException {
        server.when("PUT /api/users/anna/password", 200, ANNA);
        Path file = Files.writeString(home.resolve("password"), "From-a-file-1\n");
        shell.input = "From-a-pipe-1\n";

        assertThat(shell.run("user", "password", "anna", "--password-file", file.toString())).isEqualTo(
                new Shell.Result(0, "anna has another password\n", ""));
        assertThat(shell.run("user", "password", "anna", "--password-file", "-").exitCode()).isZero();

        assertThat(server.requests()).containsExactly(
                "PUT /api/users/anna/password [Bearer switchman_robot] {\"password\":\"From-a-file-1\"}",
                "PUT /api/users/anna/password [Bearer switchman_robot] {\"password\":\"From-a-pipe-1\"}");
    }

    @Test
    void without_a_terminal_the_password_must_be_named() {
        assertThat(shell.run("user", "add", "anna", "--group", "admin")).isEqualTo(new Shell.Result(2, "",
                "--password-file: missing, and there is no terminal to ask at; - is the standard input\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two\nlines\n"})
    void a_file_of_another_length_than_one_line_is_refused(String text) throws IOException {
        Path file = Files.writeString(home.resolve("password"), text);

        Shell.Result result = shell.run("user", "add", "anna", "--group", "admin", "--password-file", file.toString());

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).startsWith("--password-file: must hold one line").endsWith(": " + file + "\n");
        assertThat(shell.run("user", "add", "anna", "--group", "admin", "--password-file", "/nowhere").err())
                .isEqualTo("--password-file: cannot be read (NoSuchFileException): /nowhere\n");
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void an_unknown_group_is_told_with_the_known_ones() {
        Shell.Result result = shell.run("user", "groups", "anna", "--group", "root");

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains("--group", "[operator, approver, auditor, admin]", "'root'");
        assertThat(shell.run("user", "groups", "anna").exitCode()).isEqualTo(2);
        assertThat(shell.run("user").exitCode()).isEqualTo(2);
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void what_the_server_refuses_ends_with_its_words() {
        server.when("DELETE /api/users/anna", 409, "{\"detail\":\"\\\"anna\\\" is the last user in group admin\"}")
                .when("DELETE /api/users/bob", 404, "{\"detail\":\"there is no user \\\"bob\\\"\"}")
                .when("PUT /api/users/anna/groups", 403, "{\"detail\":\"robot may not\"}");

        assertThat(shell.run("user", "remove", "anna")).isEqualTo(
                new Shell.Result(4, "", "\"anna\" is the last user in group admin\n"));
        assertThat(shell.run("user", "remove", "bob")).isEqualTo(
                new Shell.Result(2, "", "there is no user \"bob\"\n"));
        assertThat(shell.run("user", "groups", "anna", "--group", "auditor")).isEqualTo(
                new Shell.Result(4, "", "the server does not allow this: robot may not\n"));
    }

    @Test
    void users_are_listed() {
        server.when("GET /api/users", 200, "[" + ANNA + "]");

        assertThat(shell.run("user", "list")).isEqualTo(new Shell.Result(0, """
                NAME  GROUPS              MAIL
                anna  operator, approver  anna@example.org
                """, ""));
        assertThat(shell.run("user", "list", "--json").out()).contains("\"mail\" : \"anna@example.org\"");
    }

    @Test
    void a_token_is_the_only_line_of_the_output() {
        server.when("POST /api/tokens", 201, """
                {"name":"ci","groups":["operator"],"token":"switchman_secret"}""");

        Shell.Result result = shell.run("token", "create", "ci", "--group", "operator");

        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).isEqualTo("switchman_secret\n");
        assertThat(result.err()).contains("not shown again").doesNotContain("switchman_secret");
    }

    @Test
    void tokens_are_listed_and_revoked() {
        server.when("GET /api/tokens", 200, """
                [{"name":"ci","groups":["operator"],"madeBy":"anna","madeAt":"2026-11-22T12:00:00Z"}]""")
                .when("DELETE /api/tokens/ci", 200, "{\"name\":\"ci\",\"groups\":[\"operator\"],\"mail\":null}");

        assertThat(shell.run("token", "list")).isEqualTo(new Shell.Result(0, """
                NAME  GROUPS    MADE BY  MADE
                ci    operator  anna     2026-11-22 12:00:00
                """, ""));
        assertThat(shell.run("token", "revoke", "ci")).isEqualTo(
                new Shell.Result(0, "The token of ci is revoked\n", ""));
    }
}
