package dev.switchman.mysql;

import java.util.List;

/** A statement and what goes in place of its question marks. A {@code Secret} among these is masked in {@link #shown}. */
record Sql(String text, List<Object> arguments) {

    Sql {
        arguments = List.copyOf(arguments);
    }

    static Sql of(String text, Object... arguments) {
        return new Sql(text, List.of(arguments));
    }

    /** @return an identifier in backticks */
    static String name(String identifier) {
        return "`" + identifier.replace("`", "``") + "`";
    }

    /** @return the statement as people may see it */
    String shown() {
        StringBuilder shown = new StringBuilder();
        int next = 0;
        for (char c : text.toCharArray()) {
            if (c == '?' && next < arguments.size()) {
                Object argument = arguments.get(next++);
                shown.append(argument instanceof Number ? argument.toString() : "'" + argument + "'");
            } else {
                shown.append(c);
            }
        }
        return shown.toString();
    }
}
