package dev.switchman.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them here: a whole number and one of the units {@code ms s m h d}. */
public final class Durations {

    private static final Pattern VALID = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

    private Durations() {}

    /** @throws IllegalArgumentException with a message that ends with the text and says what was expected */
    public static Duration parse(String text) {
        Matcher matcher = VALID.matcher(text);
        if (!matcher.matches()) {
            if (text.matches("\\d+")) {
                throw new IllegalArgumentException("needs a unit, such as " + text + "s or " + text + "ms: " + text);
            }
            throw new IllegalArgumentException("not a duration such as 500ms, 1s, 2m or 8h: \"" + text + "\"");
        }
        long count = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }

    /** @return the shortest text that {@link #parse} reads back, such as {@code 1500ms} or {@code 8h} */
    public static String print(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 1000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1000;
        if (seconds == 0 || seconds % 60 != 0) {
            return seconds + "s";
        }
        if (seconds % 3600 != 0) {
            return seconds / 60 + "m";
        }
        return seconds % 86400 != 0 ? seconds / 3600 + "h" : seconds / 86400 + "d";
    }
}
