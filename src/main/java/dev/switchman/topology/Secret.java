package dev.switchman.topology;

/** A password or key phrase. Its text form is a mask, so that it cannot reach a log, a page or a variable. */
public record Secret(String reveal) {

    @Override
    public String toString() {
        return "******";
    }
}
