package dev.switchman.ssh;

/** A command was not run to its end. The message says who and why, for people. */
final class SshFailure extends Exception {

    private static final long serialVersionUID = 1L;

    enum Kind {
        UNKNOWN_HOST_KEY, CHANGED_HOST_KEY, KNOWN_HOSTS_UNREADABLE, KEY_UNREADABLE, LOGIN_REFUSED, CONNECTION_REFUSED,
        /** Connected, and the connection ended. */
        BROKEN, UNRESOLVED, UNREACHABLE, TIMED_OUT, CLOSED;

        /**
         * @return whether trying again without being asked may help; a refused login that is repeated gets this machine shut out
         *     (sshd_config PerSourcePenalties, fail2ban)
         */
        boolean passes() {
            return switch (this) {
                case CONNECTION_REFUSED, BROKEN, UNRESOLVED, UNREACHABLE, TIMED_OUT -> true;
                case UNKNOWN_HOST_KEY, CHANGED_HOST_KEY, KNOWN_HOSTS_UNREADABLE, KEY_UNREADABLE, LOGIN_REFUSED,
                        CLOSED ->
                    false;
            };
        }

        /** @return whether something on the host answered, so that the host is up */
        boolean answered() {
            return switch (this) {
                case UNKNOWN_HOST_KEY, CHANGED_HOST_KEY, KNOWN_HOSTS_UNREADABLE, KEY_UNREADABLE, LOGIN_REFUSED,
                        CONNECTION_REFUSED, BROKEN ->
                    true;
                case UNRESOLVED, UNREACHABLE, TIMED_OUT, CLOSED -> false;
            };
        }
    }

    private final Kind kind;
    private final boolean sent;
    private final String output;

    private SshFailure(Kind kind, String message, boolean sent, String output) {
        super(message, null, false, false);
        this.kind = kind;
        this.sent = sent;
        this.output = output;
    }

    /** The command never left. */
    static SshFailure before(Kind kind, String message) {
        return new SshFailure(kind, message, false, "");
    }

    /** The command may run or have run. */
    static SshFailure after(Kind kind, String message, String output) {
        return new SshFailure(kind, message, true, output);
    }

    Kind kind() {
        return kind;
    }

    /** @return whether the command was sent, so that it may have run */
    boolean sent() {
        return sent;
    }

    /** @return what the command had printed until then */
    String output() {
        return output;
    }

    String why() {
        return String.valueOf(getMessage());
    }
}
