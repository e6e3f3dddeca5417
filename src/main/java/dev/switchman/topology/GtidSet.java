package dev.switchman.topology;

/** A set of global transaction identifiers. */
public final class GtidSet {

    private static final GtidSet EMPTY = new GtidSet();

    private GtidSet() {}

    public static GtidSet empty() {
        return EMPTY;
    }

    public static GtidSet parse(String text) {
        throw new UnsupportedOperationException(text);
    }

    public GtidSet union(GtidSet other) {
        return other;
    }

    public GtidSet minus(GtidSet other) {
        return other;
    }

    public GtidSet intersect(GtidSet other) {
        return other;
    }

    public boolean contains(GtidSet other) {
        return equals(other);
    }

    public boolean isEmpty() {
        return true;
    }

    public long count() {
        return 0;
    }
}
