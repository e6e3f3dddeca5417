package dev.switchman.lab;

/** The lab itself did not do what it was told: nothing that a test is about. */
public final class LabException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    LabException(String message) {
        super(message);
    }

    LabException(String message, Throwable cause) {
        super(message, cause);
    }
}
