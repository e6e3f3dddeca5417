package dev.switchman.topology;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A MySQL server's version, as {@code @@version} tells it; suffixes such as {@code -log} are dropped. */
public record ServerVersion(int major, int minor, int patch) implements Comparable<ServerVersion> {

    private static final Pattern TEXT = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+)(?:[-+~].*)?");
    private static final Comparator<ServerVersion> ORDER = Comparator.comparingInt(ServerVersion::major)
            .thenComparingInt(ServerVersion::minor)
            .thenComparingInt(ServerVersion::patch);
    /** From this release on 8.0 was only mended; until then each release brought something new. */
    private static final int LAST_NEW_PATCH = 34;
    private static final Comparator<ServerVersion> SERIES = Comparator.comparingInt(ServerVersion::major)
            .thenComparingInt(ServerVersion::minor)
            .thenComparingInt(ServerVersion::novelty);

    /** @throws IllegalArgumentException naming the text, when it is no version */
    public static ServerVersion parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a MySQL version: \"" + text + "\"");
        }
        return new ServerVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3)));
    }

    public boolean atLeast(int major, int minor, int patch) {
        return compareTo(new ServerVersion(major, minor, patch)) >= 0;
    }

    /**
     * Whether a server of this version can be counted on to replicate from one of {@code source}: MySQL supports a replica of the
     * same release series as its source, or of a newer one (manual, "Replication Compatibility Between MySQL Versions"). Up to
     * 8.0.34 each release of 8.0 counts as a series of its own, because its binary log may hold what earlier ones cannot read.
     */
    public boolean mayFollow(ServerVersion source) {
        return SERIES.compare(this, source) >= 0;
    }

    private int novelty() {
        return major == 8 && minor == 0 ? Math.min(patch, LAST_NEW_PATCH) : 0;
    }

    @Override
    public int compareTo(ServerVersion other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
