package dev.switchman.app;

import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;

/** Somebody with a browser: keeps cookies, follows no redirect. */
final class Visitor {

    private static final Pattern CSRF = Pattern.compile("name=\"_csrf\" type=\"hidden\" value=\"([^\"]+)\"");

    private final String address;
    private final HttpClient http = HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .cookieHandler(new CookieManager())
            .build();

    /** @param address of the server: {@code http://host:port} */
    Visitor(String address) {
        this.address = address;
    }

    /** By the form that every page leads to. */
    void logIn(String user, String password) throws IOException, InterruptedException {
        Matcher csrf = CSRF.matcher(get("/login", "").body());
        assertThat(csrf.find()).isTrue();
        HttpResponse<String> login = http.send(HttpRequest.newBuilder(uri("/login"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("username=" + encode(user) + "&password=" + encode(password)
                        + "&_csrf=" + csrf.group(1)))
                .build(), HttpResponse.BodyHandlers.ofString());
        assertThat(login.statusCode()).isEqualTo(302);
        assertThat(login.headers().firstValue("Location").orElse("")).doesNotContain("error");
    }

    /** @param authorization the header's value; empty for none */
    HttpResponse<String> get(String path, String authorization) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .header("Accept", path.startsWith("/camunda/app")
                        || path.startsWith("/login") ? "text/html" : "application/json");
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Goes where the answers lead, to other servers and back. @return the last answer, which leads to a page of this server */
    HttpResponse<String> follow(String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = get(path, "");
        for (int steps = 0; steps < 5 && !home(answer); steps++) {
            URI next = answer.uri().resolve(answer.headers().firstValue("Location").orElse("/"));
            answer = http.send(HttpRequest.newBuilder(next).header("Accept", "text/html").build(),
                    HttpResponse.BodyHandlers.ofString());
        }
        return answer;
    }

    /** Whether it leads to the login page, or to where a login begins. */
    private boolean home(HttpResponse<String> answer) {
        URI location = answer.uri().resolve(answer.headers().firstValue("Location").orElse(""));
        return answer.statusCode() != 302 || location.toString().startsWith(address)
                && !location.getPath().startsWith("/login/oauth2");
    }

    HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(uri(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build(), HttpResponse.BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create(address).resolve(path);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
