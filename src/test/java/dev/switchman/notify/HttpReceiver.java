package dev.switchman.notify;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/** A real HTTP server of this machine that takes notices and answers as it was told to; at the end of its list: 200. */
public final class HttpReceiver implements AutoCloseable {

    private final HttpServer http;
    private final Deque<Integer> answers = new ArrayDeque<>();
    private final List<Request> requests = new ArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    /** @param headers names in small letters */
    public record Request(String path, Map<String, String> headers, String body) {}

    /** Answers nothing until the test ends. */
    public static final int HANG = 0;
    /** Sends the beginning of an answer, and nothing more until the test ends. */
    public static final int TRICKLE = -1;

    public HttpReceiver() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/", this::answer);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.start();
    }

    public synchronized HttpReceiver answers(Integer... statuses) {
        answers.addAll(List.of(statuses));
        return this;
    }

    public String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort() + "/hooks/k3y?a=b";
    }

    public synchronized List<Request> requests() {
        return List.copyOf(requests);
    }

    private void answer(HttpExchange exchange) {
        try (exchange) {
            int status = take(exchange);
            if (status == HANG) {
                await();
                return;
            }
            if (status == TRICKLE) {
                exchange.sendResponseHeaders(200, 1_000);
                OutputStream body = exchange.getResponseBody();
                body.write("o".getBytes(StandardCharsets.UTF_8));
                body.flush();
                await();
                return;
            }
            if (status / 100 == 3) {
                exchange.getResponseHeaders().add("Location", "/elsewhere");
            }
            byte[] said = ("answer " + status + "\n").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, said.length);
            exchange.getResponseBody().write(said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized int take(HttpExchange exchange) throws IOException {
        Map<String, String> headers = new TreeMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) -> headers.put(name.toLowerCase(java.util.Locale.ROOT), values.getFirst()));
        requests.add(new Request(exchange.getRequestURI().toString(), headers,
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
        Integer next = answers.poll();
        return next == null ? 200 : next;
    }

    private void await() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        http.stop(0);
    }
}
