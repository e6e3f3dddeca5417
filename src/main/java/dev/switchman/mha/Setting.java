package dev.switchman.mha;

import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * A parameter as it stands in a file.
 *
 * @param section without brackets
 * @param value without quotes; empty: MHA takes it for not set
 */
record Setting(Path file, int line, String section, String name, String value) {

    /** In a command that prints passwords. */
    private static final Pattern WITHIN = Pattern.compile("(?i)(\\w*password\\s*=\\s*)\\S+");

    String place() {
        return "[" + section + "] " + name;
    }

    /** @return the value, with a mask where it is a password, or holds one */
    String shown() {
        return Parameter.secret(name) ? value.isEmpty() ? "" : "******" : WITHIN.matcher(value).replaceAll("$1******");
    }

    @Override
    public String toString() {
        return file + ":" + line + ": " + place() + "=" + shown();
    }
}
