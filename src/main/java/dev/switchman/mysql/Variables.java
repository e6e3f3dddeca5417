package dev.switchman.mysql;

import java.util.Map;

/** System or status variables by name in lower case. */
record Variables(Map<String, String> values) {

    Variables {
        values = Map.copyOf(values);
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    /** @return the value; empty when the server has no such variable */
    String text(String name) {
        return values.getOrDefault(name, "");
    }

    boolean on(String name) {
        return isOn(text(name));
    }

    /** @return the value; 0 when the server has no such variable */
    long number(String name) {
        String text = text(name);
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }

    static boolean isOn(String value) {
        return value.equalsIgnoreCase("ON") || value.equals("1");
    }
}
