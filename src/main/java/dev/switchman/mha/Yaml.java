package dev.switchman.mha;

/** Writes values so that a reader of YAML gets the same text back. */
final class Yaml {

    private Yaml() {}

    static String scalar(String text) {
        boolean plain = text.matches("[A-Za-z0-9_./~][A-Za-z0-9_./~@-]*") && !text.equals("~")
                && !text.matches("(?i)null|true|false|yes|no|on|off");
        return plain ? text : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
