package dev.switchman.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Prints results to the standard output, and everything that is not the result to the standard error. */
final class Terminal {

    private static final DateTimeFormatter MOMENT = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final PrintWriter out;
    private final PrintWriter err;
    private final ZoneId zone;

    Terminal(PrintWriter out, PrintWriter err, ZoneId zone) {
        this.out = out;
        this.err = err;
        this.zone = zone;
    }

    void line(String text) {
        out.println(text);
        out.flush();
    }

    void error(String text) {
        err.println(text);
        err.flush();
    }

    void json(JsonNode node) {
        try {
            line(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(node));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree that cannot be printed", e);
        }
    }

    /** @param rows each as long as the head; the last column may be of any width */
    void table(List<String> head, List<List<String>> rows) {
        List<List<String>> all = new ArrayList<>();
        all.add(head);
        all.addAll(rows);
        int[] widths = new int[head.size()];
        for (List<String> row : all) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : all) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                text.append(row.get(i));
                if (i + 1 < widths.length) {
                    text.append(" ".repeat(widths[i] - row.get(i).length() + 2));
                }
            }
            line(text.toString().stripTrailing());
        }
    }

    /** @return date and time here, of an ISO-8601 instant; the text itself if it is none */
    String moment(String instant) {
        return shown(instant, MOMENT);
    }

    /** @return the time of day here, with milliseconds */
    String time(String instant) {
        return shown(instant, TIME);
    }

    private String shown(String instant, DateTimeFormatter format) {
        try {
            return Instant.parse(instant).atZone(zone).format(format);
        } catch (DateTimeParseException e) {
            return instant;
        }
    }

    /** Between two looks at a run. @throws Failed when the user interrupts it */
    static void rest(Duration time) {
        try {
            boolean never = new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS);
            if (never) {
                throw new IllegalStateException("a latch that nobody counts down was counted down");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failed(Exit.FAILED, "interrupted; the run goes on");
        }
    }
}
