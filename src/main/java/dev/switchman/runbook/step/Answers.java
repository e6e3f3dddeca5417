package dev.switchman.runbook.step;

import java.util.Map;

/** Reads a decision table's outputs by name and type. */
final class Answers {

    private Answers() {}

    static String word(Map<String, Object> answer, String output) {
        return read(answer, output, String.class);
    }

    static boolean yes(Map<String, Object> answer, String output) {
        return read(answer, output, Boolean.class);
    }

    static int number(Map<String, Object> answer, String output) {
        return read(answer, output, Number.class).intValue();
    }

    private static <T> T read(Map<String, Object> answer, String output, Class<T> type) {
        Object value = answer.get(output);
        if (!type.isInstance(value)) {
            throw new IllegalStateException("the table's output " + output + " is " + value + ", not a "
                    + type.getSimpleName() + ": " + answer);
        }
        return type.cast(value);
    }
}
