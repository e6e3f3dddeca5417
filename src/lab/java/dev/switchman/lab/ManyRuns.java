package dev.switchman.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.switchman.PostgresServer;

/**
 * {@code ./switchman bench --pages}: how long the pages take to answer when the store, a PostgreSQL database, holds years of
 * runs. A real cluster goes through a switchover that somebody approves, a failover and what follows it; what these left in
 * every table of the journal and of the engine's history is then copied in bulk, with identifiers and times of its own.
 */
final class ManyRuns {

    private static final String CLUSTER = "shop";
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int ROUNDS = 41;
    private static final int WARM = 5;
    private static final int BATCH = 100;
    private static final long WANTED_MILLIS = 200;
    /** Between the copies of one run. */
    private static final Duration APART = Duration.ofHours(1);
    private static final Pattern CSRF = Pattern.compile("name=\"_csrf\" type=\"hidden\" value=\"([^\"]+)\"");
    /** What names one row or one instance, and is another one in a copy; what names a box or a definition stays. */
    private static final Pattern IDENTIFIER = Pattern
            .compile("id_|run_|run_id|((root_|)proc_inst|(super_|)process_instance"
                    + "|execution|(parent_|)act_inst|task|call_proc_inst|(root_|)dec_inst|var_inst|bytearray|operation|job"
                    + "|job_exception_stack|attachment)_id_");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final int runs;
    private final boolean json;
    private final String password = "Bench-4-" + UUID.randomUUID();
    private final HttpClient http = HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
    private final Random random = new Random(1);

    ManyRuns(int runs, boolean json) {
        this.runs = runs;
        this.json = json;
    }

    /** @param runbook of the run that was copied */
    private record Template(String run, String runbook) {}

    private record Figure(String page, long medianMicros, long p95Micros, long mostMicros, int kilobytes) {

        boolean good() {
            return medianMicros <= WANTED_MILLIS * 1000;
        }
    }

    /** @return the exit code: 1 when a page's median is above what is wanted */
    int run() {
        String store = PostgresServer.newDatabase().bare();
        try (LabCluster lab = LabCluster.builder().start()) {
            Path configuration = lab.directory().resolve("switchman.yaml");
            int port = ServerProcess.freePort();
            write(lab, configuration, port, store);
            try (ServerProcess server = ServerProcess.start(configuration, lab.directory(), port)) {
                try {
                    server.awaitUp();
                    say("letting a cluster go through a switchover, a failover and a rejoin …");
                    realRuns(lab, server);
                    List<Template> templates = multiply(store);
                    server.post("/api/clusters/" + CLUSTER + "/switchover", "{\"reason\":\"it waits\"}", login("anna"));
                    logIn(server.address());
                    return report(figures(server.address(), store, templates), size(store));
                } catch (LabException e) {
                    throw new LabException(e.getMessage() + "\nThe end of the server's log:\n" + server.lastLines(), e);
                }
            }
        } catch (SQLException e) {
            throw new LabException("the store at " + store + ": " + e.getMessage(), e);
        }
    }

    private static void write(LabCluster lab, Path configuration, int port, String store) {
        lab.writeConfig(configuration, CLUSTER, port, "standard");
        try {
            Path secret = lab.directory().resolve("store.password");
            Files.writeString(secret, PostgresServer.PASSWORD);
            String line = "    port: " + port + "\n";
            Files.writeString(configuration, Files.readString(configuration)
                    .replace(line, line + "    store: {url: '" + store + "', user: " + PostgresServer.USER
                            + ", password: {file: \"" + secret + "\"}}\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- real runs

    private void realRuns(LabCluster lab, ServerProcess server) {
        settle(server, "healthy");
        for (String group : List.of("anna operator", "bert approver")) {
            String[] words = group.split(" ");
            server.post("/api/users", JSON.createObjectNode()
                    .put("name", words[0])
                    .put("password", password)
                    .set("groups", JSON.createArrayNode().add(words[1]))
                    .toString());
        }
        String switchover = server
                .post("/api/clusters/" + CLUSTER + "/switchover", "{\"reason\":\"kernel update\"}", login("anna"))
                .path("run")
                .asText();
        Eventually.until("asked: run " + switchover, SOON, () -> {
            JsonNode run = server.get("/api/runs/" + switchover);
            return run.path("status").asText().equals("waiting") ? Optional.empty() : Optional.of(run.toString());
        });
        server.post("/api/runs/" + switchover + "/answer", "{\"approve\":true,\"comment\":\"looks right\"}",
                login("bert"));
        ended(server, "switchover", 1);
        settle(server, "healthy");
        LabNode lost = primary(lab, server);
        lab.crash(lost);
        ended(server, "failover", 1);
        lab.restartMysqld(lost);
        // The watch may meet it with a run of its own, which goes before.
        for (int attempt = 1; attempt <= 3 && rejoined(server, lost, attempt).equals("CANCELLED"); attempt++) {
            say("the rejoin begins again …");
        }
        settle(server, "healthy");
    }

    private String rejoined(ServerProcess server, LabNode lost, int attempt) {
        settle(server, "");
        server.post("/api/clusters/" + CLUSTER + "/rejoin",
                "{\"node\":\"" + lost.id() + "\",\"reason\":\"it is back\"}",
                login("anna"));
        return ended(server, "rejoin", attempt);
    }

    private String login(String name) {
        return name + ":" + password;
    }

    private static LabNode primary(LabCluster lab, ServerProcess server) {
        String id = server.get("/api/clusters/" + CLUSTER).path("primary").asText();
        return lab.nodes().stream().filter(node -> node.id().toString().equals(id)).findFirst().orElseThrow();
    }

    /** Waits for the end of so many. @return how the newest ended */
    private static String ended(ServerProcess server, String runbook, int count) {
        List<String> endings = new ArrayList<>();
        Eventually.until("ended: " + count + " " + runbook, SOON, () -> {
            endings.clear();
            JsonNode all = server.get("/api/runs?limit=100");
            for (JsonNode run : all) {
                if (run.path("runbook").asText().equals(runbook) && !run.path("endedAt").isNull()) {
                    endings.add(run.path("ending").asText());
                }
            }
            return endings.size() >= count ? Optional.empty() : Optional.of(all.toString());
        });
        return endings.getFirst();
    }

    /** @param verdict empty: any, only that nothing runs */
    private static void settle(ServerProcess server, String verdict) {
        Eventually.until("settled: the cluster", SOON, () -> {
            JsonNode cluster = server.get("/api/clusters/" + CLUSTER);
            return cluster.path("run").isNull()
                    && (verdict.isEmpty() || cluster.path("verdict").asText().equals(verdict))
                            ? Optional.empty()
                            : Optional.of(cluster.toString());
        });
    }

    // ---- many of them

    private static Connection connect(String store) throws SQLException {
        return DriverManager.getConnection(store, PostgresServer.USER, PostgresServer.PASSWORD);
    }

    private List<Template> multiply(String store) throws SQLException {
        try (Connection connection = connect(store); Statement statement = connection.createStatement()) {
            List<Template> templates = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery(
                    "select RUN_ID, RUNBOOK from SM_RUN where ENDED_AT is not null order by STARTED_AT")) {
                while (rows.next()) {
                    templates.add(new Template(rows.getString(1), rows.getString(2)));
                }
            }
            Map<String, String> keys = new LinkedHashMap<>(
                    Map.of("sm_run", "run_id", "sm_entry", "run_id", "sm_question", "run_"));
            try (ResultSet rows = statement.executeQuery("select table_name from information_schema.columns"
                    + " where column_name = 'root_proc_inst_id_' and table_schema = 'public'"
                    + " and (table_name like 'act_hi_%' or table_name = 'act_ge_bytearray')")) {
                while (rows.next()) {
                    keys.put(rows.getString(1), "root_proc_inst_id_");
                }
            }
            int copies = (runs + templates.size() - 1) / templates.size() - 1;
            say("copying " + templates.size() + " runs (" + String.join(", ", templates.stream()
                    .map(Template::runbook)
                    .toList()) + ") " + copies + " times each …");
            connection.setAutoCommit(false);
            for (Map.Entry<String, String> table : keys.entrySet()) {
                String copy = copy(connection, table.getKey(), table.getValue());
                for (int t = 0; t < templates.size(); t++) {
                    for (int first = 1; first <= copies; first += BATCH) {
                        try (PreparedStatement insert = connection.prepareStatement(copy)) {
                            insert.setLong(1, APART.toSeconds());
                            insert.setLong(2, APART.toSeconds() * t / templates.size());
                            insert.setInt(3, first);
                            insert.setInt(4, Math.min(copies, first + BATCH - 1));
                            insert.setString(5, templates.get(t).run());
                            insert.executeUpdate();
                        }
                        connection.commit();
                    }
                }
            }
            connection.setAutoCommit(true);
            // The server does that by itself, some minutes after so many new rows.
            statement.execute("analyze");
            return templates;
        }
    }

    private static String copy(Connection connection, String table, String key) throws SQLException {
        List<String> columns = new ArrayList<>();
        List<String> values = new ArrayList<>();
        String order = "";
        try (PreparedStatement select = connection.prepareStatement("select column_name, data_type, is_identity from"
                + " information_schema.columns where table_schema = 'public' and table_name = ? order by ordinal_position")) {
            select.setString(1, table);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    String column = rows.getString(1);
                    if (rows.getString(3).equals("YES")) {
                        // Its numbers tell the order of writing.
                        order = " order by g.g, o." + column;
                        continue;
                    }
                    columns.add(column);
                    if (rows.getString(2).startsWith("timestamp")) {
                        values.add("o." + column + " - make_interval(secs => p.apart * g.g + p.beside)");
                    } else if (IDENTIFIER.matcher(column).matches()) {
                        values.add("md5(o." + column + " || '/' || g.g)");
                    } else {
                        values.add("o." + column);
                    }
                }
            }
        }
        return "insert into " + table + " (" + String.join(", ", columns) + ") select " + String.join(", ", values)
                + " from (select ?::bigint as apart, ?::bigint as beside) p, generate_series(?, ?) as g(g), " + table
                + " o where o." + key + " = ?" + order;
    }

    private static Map<String, Long> size(String store) throws SQLException {
        Map<String, Long> size = new LinkedHashMap<>();
        try (Connection connection = connect(store); Statement statement = connection.createStatement()) {
            for (String table : List.of("SM_RUN", "SM_ENTRY", "ACT_HI_PROCINST", "ACT_HI_ACTINST", "ACT_HI_DECINST")) {
                try (ResultSet rows = statement.executeQuery("select count(*) from " + table)) {
                    rows.next();
                    size.put(table, rows.getLong(1));
                }
            }
            try (ResultSet rows = statement.executeQuery("select pg_database_size(current_database()) >> 20")) {
                rows.next();
                size.put("MiB", rows.getLong(1));
            }
        }
        return size;
    }

    // ---- asking

    private void logIn(String address) {
        Matcher csrf = CSRF.matcher(get(address, "/login"));
        if (!csrf.find()) {
            throw new LabException("the login page of " + address + " has no form");
        }
        HttpRequest login = HttpRequest.newBuilder(URI.create(address + "/login"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("username=anna&password="
                        + URLEncoder.encode(password, StandardCharsets.UTF_8) + "&_csrf="
                        + URLEncoder.encode(csrf.group(1), StandardCharsets.UTF_8)))
                .build();
        HttpResponse<String> answer = send(login);
        if (answer.headers().firstValue("Location").orElse("error").contains("error")) {
            throw new LabException("anna cannot log in: status " + answer.statusCode());
        }
    }

    private String get(String address, String path) {
        HttpResponse<String> answer = send(
                HttpRequest.newBuilder(URI.create(address + path)).header("Accept", "text/html").build());
        if (answer.statusCode() != 200) {
            throw new LabException("GET " + path + ": status " + answer.statusCode());
        }
        return answer.body();
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new LabException(request.uri() + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted while " + request.uri() + " was asked for", e);
        }
    }

    private List<Figure> figures(String address, String store, List<Template> templates) throws SQLException {
        Instant now = Instant.now();
        LocalDate day = LocalDate.ofInstant(now.minus(APART.multipliedBy(runs / templates.size() / 2)), ZoneOffset.UTC);
        Instant deep = now.minus(APART.multipliedBy(runs / templates.size() * 9L / 10)).truncatedTo(ChronoUnit.SECONDS);
        Map<String, Supplier<String>> pages = new LinkedHashMap<>();
        for (String path : List.of("/clusters", "/clusters/live", "/clusters/" + CLUSTER,
                "/clusters/" + CLUSTER + "/live",
                "/decisions", "/runs", "/runs?cluster=" + CLUSTER, "/runs?kind=failover", "/runs?person=anna",
                "/runs?person=nobody", "/runs?outcome=DONE", "/runs?outcome=open", "/runs?from=" + day + "&to=" + day,
                "/runs?before=" + deep)) {
            pages.put(path, () -> path);
        }
        for (Template template : templates) {
            List<String> copies = copies(store, template.runbook());
            for (String tail : List.of("", "/export.html", "/export.json")) {
                pages.put("/runs/ID" + tail + ", a " + template.runbook(),
                        () -> "/runs/" + copies.get(random.nextInt(copies.size())) + tail);
            }
        }
        List<Figure> figures = new ArrayList<>();
        pages.forEach((name, page) -> {
            List<Long> micros = new ArrayList<>();
            int bytes = 0;
            for (int i = 0; i < WARM + ROUNDS; i++) {
                String path = page.get();
                long begun = System.nanoTime();
                bytes = get(address, path).length();
                if (i >= WARM) {
                    micros.add((System.nanoTime() - begun) / 1000);
                }
            }
            figures.add(new Figure(name, Bench.quantile(micros, 0.5), Bench.quantile(micros, 0.95),
                    Bench.quantile(micros, 1), bytes / 1024));
            System.err.println(figures.getLast());
        });
        return figures;
    }

    private static List<String> copies(String store, String runbook) throws SQLException {
        try (Connection connection = connect(store);
                PreparedStatement select = connection
                        .prepareStatement("select RUN_ID from SM_RUN where RUNBOOK = ? and ENDED_AT is not null")) {
            select.setString(1, runbook);
            List<String> copies = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    copies.add(rows.getString(1));
                }
            }
            return copies;
        }
    }

    // ---- what it comes to

    private int report(List<Figure> figures, Map<String, Long> size) {
        System.out.println();
        if (json) {
            ObjectNode object = JSON.createObjectNode();
            object.put("processors", Runtime.getRuntime().availableProcessors());
            size.forEach(object.putObject("store")::put);
            ArrayNode pages = object.putArray("pages");
            figures.forEach(figure -> pages.addObject()
                    .put("page", figure.page)
                    .put("medianMicros", figure.medianMicros)
                    .put("p95Micros", figure.p95Micros)
                    .put("mostMicros", figure.mostMicros)
                    .put("kilobytes", figure.kilobytes));
            System.out.println(object);
        } else {
            System.out.println("Milliseconds until the whole answer was there; the store: " + size);
            String row = "%-42s %8s %8s %8s %6s  %s";
            System.out.println(String.format(Locale.ROOT, row, "page", "median", "p95", "max", "KiB", ""));
            figures.forEach(figure -> System.out.println(String.format(Locale.ROOT, row, figure.page,
                    millis(figure.medianMicros), millis(figure.p95Micros), millis(figure.mostMicros), figure.kilobytes,
                    figure.good() ? "" : "FAILED: more than " + WANTED_MILLIS + " ms")));
        }
        System.out.flush();
        return figures.stream().allMatch(Figure::good) ? 0 : 1;
    }

    private static String millis(long micros) {
        return String.format(Locale.ROOT, "%.1f", micros / 1000.0);
    }

    private static void say(String text) {
        System.err.println(text);
    }
}
