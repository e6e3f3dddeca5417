package dev.switchman.app;

/** The server cannot start, for a reason that the one who started it can remove. */
final class StartRefused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param what one line that names the setting and its value */
    StartRefused(String what) {
        super(what, null, false, false);
    }
}
