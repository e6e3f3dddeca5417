package dev.switchman.mha;

import java.nio.file.Path;

/**
 * A parameter as it stands in a file.
 *
 * @param section without brackets
 * @param value without quotes; empty: MHA takes it for not set
 */
record Setting(Path file, int line, String section, String name, String value) {

    String place() {
        return "[" + section + "] " + name;
    }

    /** @return the value, or a mask if it is a password */
    String shown() {
        return Parameter.secret(name) ? value.isEmpty() ? "" : "******" : value;
    }

    @Override
    public String toString() {
        return file + ":" + line + ": " + place() + "=" + shown();
    }
}
