package dev.switchman.topology;

/** How far a server is with replacing its data by a copy of another ({@code CLONE INSTANCE}). */
public sealed interface Copying {

    /** It has never begun, or knows no CLONE. */
    record None() implements Copying {}

    /** @param stage {@code FILE COPY}, {@code REDO COPY} … @param copied bytes of this stage @param estimate bytes in all */
    record UnderWay(String stage, long copied, long estimate) implements Copying {

    }

    /** Ended; the server has restarted with the data of the other. @param copied bytes in all, of all stages */
    record Completed(long copied) implements Copying {}

    record Failed(int errno, String message) implements Copying {}

    /** The server does not answer: it may be restarting with its new data. */
    record Unseen(String why) implements Copying {}

    /** @return one line for people */
    default String sentence() {
        return switch (this) {
            case None none -> "no copy has begun";
            case UnderWay(String stage, long copied, long estimate) -> stage.toLowerCase(java.util.Locale.ROOT) + ", "
                    + (copied >> 20) + " of " + (estimate >> 20) + " MiB";
            case Completed(long copied) -> "the copy is complete";
            case Failed(int errno, String message) -> "the copy failed: error " + errno + " " + message;
            case Unseen(String why) -> "not seen: " + why;
        };
    }
}
