package dev.switchman.cli;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;

/** The server's HTTP interface. Answers that mean "no" become {@link Failed} with the server's own words. */
final class Server {

    private final URI base;
    private final Login login;
    private final Duration patience;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(3))
            .build();

    Server(URI base, Login login) {
        this(base, login, Duration.ofSeconds(15));
    }

    private Server(URI base, Login login, Duration patience) {
        this.base = base;
        this.login = login;
        this.patience = patience;
    }

    /** @return the same server, whose answers are waited for as long */
    Server waiting(Duration time) {
        return new Server(base, login, time);
    }

    /** The server did not answer at all. */
    static final class Silent extends Exception {

        private static final long serialVersionUID = 1;

        Silent(String what) {
            super(what, null, false, false);
        }
    }

    record Answer(int status, JsonNode body) {

        boolean ok() {
            return status / 100 == 2;
        }
    }

    static String encode(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    JsonNode get(String path) {
        return accepted(send("GET", path, Optional.empty()));
    }

    /** @param method such as {@code PUT} @return the answer; a failure when it is a no, 409 too */
    JsonNode change(String method, String path, Optional<JsonNode> body) {
        return accepted(send(method, path, body));
    }

    /** @return the answer, also when it is 409; a failure otherwise */
    Answer post(String path, JsonNode body) {
        Answer answer = send("POST", path, Optional.of(body));
        if (answer.status() != 409) {
            accepted(answer);
        }
        return answer;
    }

    /** Like {@link #get} for something of one cluster: a cluster that is unknown is told with the known ones. */
    JsonNode getOf(String cluster, String path) {
        Answer answer = send("GET", path, Optional.empty());
        refuseUnknown(cluster, answer);
        return accepted(answer);
    }

    /** Like {@link #getOf}. @return empty when no server answers */
    Optional<JsonNode> find(String cluster, String path) {
        Answer answer;
        try {
            answer = exchange("GET", path, Optional.empty());
        } catch (Silent e) {
            return Optional.empty();
        }
        refuseUnknown(cluster, answer);
        return Optional.of(accepted(answer));
    }

    Answer postTo(String cluster, String verb, JsonNode body) {
        Answer answer = send("POST", "/api/clusters/" + encode(cluster) + "/" + verb, Optional.of(body));
        refuseUnknown(cluster, answer);
        if (answer.status() != 409) {
            accepted(answer);
        }
        return answer;
    }

    /** One try. */
    JsonNode poll(String path) throws Silent {
        return accepted(exchange("GET", path, Optional.empty()));
    }

    private void refuseUnknown(String cluster, Answer answer) {
        if (answer.status() == 404) {
            List<String> known = Json.items(get("/api/clusters"))
                    .stream()
                    .map(each -> Json.text(each, "name"))
                    .toList();
            if (!known.contains(cluster)) {
                throw new Failed(Exit.USAGE, Desk.unknown(cluster, known));
            }
        }
    }

    private JsonNode accepted(Answer answer) {
        if (answer.ok()) {
            return answer.body();
        }
        throw switch (answer.status()) {
            case 401, 302 -> new Failed(Exit.REFUSED, "the server at " + base + " wants a login: " + login.hint());
            case 403 -> new Failed(Exit.REFUSED, "the server does not allow this: " + words(answer));
            case 404 -> new Failed(Exit.USAGE, words(answer));
            case 400, 422 -> new Failed(Exit.USAGE, "the server does not accept this: " + words(answer));
            case 409 -> new Failed(Exit.REFUSED, words(answer));
            default -> new Failed(Exit.FAILED, "the server failed: " + words(answer));
        };
    }

    /** @return the server's explanation: RFC 9457's detail or title, or its own {@code error} */
    static String words(Answer answer) {
        for (String field : List.of("detail", "error", "title")) {
            String text = Json.text(answer.body(), field);
            if (!text.isEmpty()) {
                return text;
            }
        }
        return "HTTP status " + answer.status();
    }

    private Answer send(String method, String path, Optional<JsonNode> body) {
        try {
            return exchange(method, path, body);
        } catch (Silent e) {
            throw new Failed(Exit.FAILED, String.valueOf(e.getMessage()));
        }
    }

    private Answer exchange(String method, String path, Optional<JsonNode> body) throws Silent {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(patience)
                .header("Accept", "application/json, application/problem+json");
        login.header().ifPresent(value -> request.header("Authorization", value));
        request.method(method, body.map(json -> HttpRequest.BodyPublishers.ofString(json.toString()))
                .orElseGet(HttpRequest.BodyPublishers::noBody));
        if (body.isPresent()) {
            request.header("Content-Type", "application/json");
        }
        HttpResponse<String> response;
        try {
            response = http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new Silent("no server answers at " + base + " (" + e.getClass().getSimpleName()
                    + "); is \"switchman serve\" running there?");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failed(Exit.FAILED, "interrupted");
        }
        try {
            String text = response.body();
            return new Answer(response.statusCode(), text.isBlank() ? Json.object() : Json.parse(text));
        } catch (IOException e) {
            if (response.statusCode() / 100 == 2) {
                throw new Failed(Exit.FAILED, "what answers at " + base + path + " is not Switchman: no JSON");
            }
            return new Answer(response.statusCode(), Json.object());
        }
    }
}
