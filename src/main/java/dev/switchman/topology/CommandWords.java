package dev.switchman.topology;

import java.util.ArrayList;
import java.util.List;

/**
 * A command as it stands in a configuration, cut into its words: the program and its first arguments. It is run without a
 * shell, so what only a shell would understand is refused.
 */
public record CommandWords(List<String> words) {

    private static final String SHELL_ONLY = "|&;<>()`$*?[]#~!{}";

    public CommandWords {
        words = List.copyOf(words);
        if (words.isEmpty()) {
            throw new IllegalArgumentException("no command");
        }
    }

    /**
     * Cuts at white space; {@code '…'} and {@code "…"} keep words together, a backslash keeps the next character.
     *
     * @throws IllegalArgumentException saying what cannot be run without a shell, or which quote is not closed
     */
    public static CommandWords parse(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inWord = false;
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '\'' || c == '"') {
                at = quoted(text, at, c, word);
                inWord = true;
            } else if (c == '\\' && at < text.length()) {
                word.append(text.charAt(at++));
                inWord = true;
            } else if (Character.isWhitespace(c)) {
                if (inWord) {
                    words.add(word.toString());
                    word.setLength(0);
                    inWord = false;
                }
            } else if (SHELL_ONLY.indexOf(c) >= 0 && !(inWord && "#~!?[]{}".indexOf(c) >= 0)) {
                throw new IllegalArgumentException("it is run without a shell, which alone would understand " + c
                        + "; quote that, or put the command into a script of its own");
            } else {
                word.append(c);
                inWord = true;
            }
        }
        if (inWord) {
            words.add(word.toString());
        }
        return new CommandWords(words);
    }

    private static int quoted(String text, int from, char quote, StringBuilder word) {
        int at = from;
        while (at < text.length() && text.charAt(at) != quote) {
            char c = text.charAt(at++);
            boolean escaped = c == '\\' && quote == '"' && at < text.length()
                    && (text.charAt(at) == '"' || text.charAt(at) == '\\');
            word.append(escaped ? text.charAt(at++) : c);
        }
        if (at == text.length()) {
            throw new IllegalArgumentException("a quote is not closed: " + quote);
        }
        return at + 1;
    }

    /** The program itself. */
    public String program() {
        return words.getFirst();
    }

    /** @return words that {@link #parse} reads back */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (String word : words) {
            boolean plain = word.matches("[A-Za-z0-9_./:=@%+,-]+");
            text.append(text.isEmpty() ? "" : " ").append(plain ? word : "'" + word.replace("'", "'\\''") + "'");
        }
        return text.toString();
    }
}
