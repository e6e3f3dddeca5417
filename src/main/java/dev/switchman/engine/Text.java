package dev.switchman.engine;

import org.jspecify.annotations.Nullable;

/** Texts that must fit a column, and messages of exceptions. */
final class Text {

    private Text() {}

    static String upTo(int length, String text) {
        return text.length() <= length ? text : text.substring(0, length - 1) + "…";
    }

    /** @return what a person can read of it, on one line */
    static String of(Throwable thrown) {
        @Nullable
        String message = thrown.getMessage();
        return (message == null || message.isBlank() ? thrown.getClass().getName() : message).replaceAll("\\s*\\R\\s*",
                "; ");
    }
}
