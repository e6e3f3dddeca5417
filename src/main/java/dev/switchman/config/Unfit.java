package dev.switchman.config;

/** A value that its key cannot take. The message says what is wrong and ends with the value, unless it is a secret. */
final class Unfit extends Exception {

    private static final long serialVersionUID = 1;

    Unfit(String what) {
        super(what, null, false, false);
    }

    String what() {
        return String.valueOf(getMessage());
    }
}
