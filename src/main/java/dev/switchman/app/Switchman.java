package dev.switchman.app;

/** The program: {@code switchman VERB …}. */
public final class Switchman {

    private Switchman() {}

    public static void main(String[] args) {
        throw new UnsupportedOperationException("not wired yet: " + String.join(" ", args));
    }
}
