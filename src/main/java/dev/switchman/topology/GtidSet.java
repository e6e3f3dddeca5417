package dev.switchman.topology;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BinaryOperator;

/**
 * A set of global transaction identifiers, immutable. Every operation is one pass over sorted intervals, so that a set
 * of 100,000 intervals takes milliseconds.
 *
 * <p>Text form as the servers have it: {@code uuid:1-5:7,uuid:1-3:tag:4-5}. Tags exist from MySQL 8.3; there
 * {@code uuid:tag:n} and {@code uuid:n} are different transactions.
 */
public final class GtidSet {

    /** The largest transaction number that a server hands out: 2^63 - 2. */
    private static final long MAX_NUMBER = Long.MAX_VALUE - 1;
    private static final int MAX_TAG = 32;
    private static final int UUID_LENGTH = 36;
    private static final long[] NONE = {};
    private static final GtidSet EMPTY = new GtidSet(new TreeMap<>());

    /** Per origin: first, last, first, last … ascending, neither overlapping nor adjacent; never an empty array. */
    private final SortedMap<Origin, long[]> intervals;

    private GtidSet(SortedMap<Origin, long[]> intervals) {
        this.intervals = intervals;
    }

    public static GtidSet empty() {
        return EMPTY;
    }

    /** @return the transactions {@code first} to {@code last}, both included, of one source */
    public static GtidSet of(UUID source, long first, long last) {
        if (first < 1 || last < first || last > MAX_NUMBER) {
            throw new IllegalArgumentException("not an interval of transaction numbers: " + first + "-" + last);
        }
        TreeMap<Origin, long[]> one = new TreeMap<>();
        one.put(new Origin(source, ""), new long[]{first, last});
        return new GtidSet(one);
    }

    /**
     * Reads a set as servers print it, with spaces, line ends, letters of either case, intervals in any order and empty
     * members between commas; {@code 5-3} means nothing, as it does to a server.
     *
     * @throws IllegalArgumentException naming the text and the place, when it is no GTID set
     */
    public static GtidSet parse(String text) {
        SortedMap<Origin, long[]> parsed = new Parser(text).parse();
        return parsed.isEmpty() ? EMPTY : new GtidSet(parsed);
    }

    /** @return transactions in either */
    public GtidSet union(GtidSet other) {
        if (other.isEmpty() || this == other) {
            return this;
        }
        if (isEmpty()) {
            return other;
        }
        TreeMap<Origin, long[]> result = new TreeMap<>(intervals);
        other.intervals.forEach((origin, theirs) -> result.merge(origin, theirs, GtidSet::unite));
        return new GtidSet(result);
    }

    /** @return transactions in this set that are not in the other: {@code GTID_SUBTRACT} */
    public GtidSet minus(GtidSet other) {
        return combine(other, GtidSet::subtract);
    }

    /** @return transactions in both */
    public GtidSet intersect(GtidSet other) {
        return combine(other, (mine, theirs) -> subtract(mine, subtract(mine, theirs)));
    }

    private GtidSet combine(GtidSet other, BinaryOperator<long[]> operation) {
        TreeMap<Origin, long[]> result = new TreeMap<>();
        intervals.forEach((origin, mine) -> {
            long[] left = operation.apply(mine, other.intervals.getOrDefault(origin, NONE));
            if (left.length > 0) {
                result.put(origin, left);
            }
        });
        return result.isEmpty() ? EMPTY : new GtidSet(result);
    }

    /** @return whether every transaction of the other set is in this one: {@code GTID_SUBSET(other, this)} */
    public boolean contains(GtidSet other) {
        return other.minus(this).isEmpty();
    }

    /** @return whether at least one transaction is in both */
    public boolean overlaps(GtidSet other) {
        return !intersect(other).isEmpty();
    }

    public boolean isEmpty() {
        return intervals.isEmpty();
    }

    /** @return number of transactions; {@link Long#MAX_VALUE} when there are more */
    public long count() {
        long count = 0;
        for (long[] pairs : intervals.values()) {
            for (int i = 0; i < pairs.length; i += 2) {
                long length = pairs[i + 1] - pairs[i] + 1;
                if (count > Long.MAX_VALUE - length) {
                    return Long.MAX_VALUE;
                }
                count += length;
            }
        }
        return count;
    }

    /**
     * @return each transaction by itself, {@code uuid:number} or {@code uuid:tag:number}, as {@code GTID_NEXT} takes it
     * @throws IllegalStateException when there are more than {@code most}
     */
    public List<String> each(int most) {
        if (count() > most) {
            throw new IllegalStateException(count() + " transactions are more than " + most);
        }
        List<String> all = new ArrayList<>();
        intervals.forEach((origin, pairs) -> {
            String head = origin.source + (origin.tag.isEmpty() ? ":" : ":" + origin.tag + ":");
            for (int i = 0; i < pairs.length; i += 2) {
                for (long number = pairs[i]; number <= pairs[i + 1]; number++) {
                    all.add(head + number);
                }
            }
        });
        return all;
    }

    /** @return UUIDs of the servers whose transactions are in the set */
    public Set<UUID> sources() {
        Set<UUID> sources = new LinkedHashSet<>();
        intervals.keySet().forEach(origin -> sources.add(origin.source));
        return sources;
    }

    /** @return the transactions of these servers alone, tagged ones too */
    public GtidSet restrictedTo(Set<UUID> sources) {
        TreeMap<Origin, long[]> result = new TreeMap<>(intervals);
        result.keySet().removeIf(origin -> !sources.contains(origin.source));
        return result.isEmpty() ? EMPTY : new GtidSet(result);
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof GtidSet that) || !intervals.keySet().equals(that.intervals.keySet())) {
            return false;
        }
        return intervals.entrySet()
                .stream()
                .allMatch(entry -> Arrays.equals(entry.getValue(), that.intervals.get(entry.getKey())));
    }

    @Override
    public int hashCode() {
        int hash = 0;
        for (Map.Entry<Origin, long[]> entry : intervals.entrySet()) {
            hash = 31 * hash + 17 * entry.getKey().hashCode() + Arrays.hashCode(entry.getValue());
        }
        return hash;
    }

    /** @return canonical text: lower case, ascending, on one line, tags after their UUID; empty for the empty set */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        Origin before = null;
        for (Map.Entry<Origin, long[]> entry : intervals.entrySet()) {
            Origin origin = entry.getKey();
            if (before == null || !before.source.equals(origin.source)) {
                text.append(text.isEmpty() ? "" : ",").append(origin.source);
            }
            if (!origin.tag.isEmpty()) {
                text.append(':').append(origin.tag);
            }
            long[] pairs = entry.getValue();
            for (int i = 0; i < pairs.length; i += 2) {
                text.append(':').append(pairs[i]);
                if (pairs[i + 1] > pairs[i]) {
                    text.append('-').append(pairs[i + 1]);
                }
            }
            before = origin;
        }
        return text.toString();
    }

    private static long[] unite(long[] a, long[] b) {
        Pairs result = new Pairs(a.length + b.length);
        int i = 0;
        int j = 0;
        while (i < a.length || j < b.length) {
            if (j >= b.length || (i < a.length && a[i] <= b[j])) {
                result.addAscending(a[i], a[i + 1]);
                i += 2;
            } else {
                result.addAscending(b[j], b[j + 1]);
                j += 2;
            }
        }
        return result.toArray();
    }

    private static long[] subtract(long[] a, long[] b) {
        if (b.length == 0) {
            return a;
        }
        Pairs result = new Pairs(a.length);
        int j = 0;
        for (int i = 0; i < a.length; i += 2) {
            long first = a[i];
            long last = a[i + 1];
            while (j < b.length && b[j + 1] < first) {
                j += 2;
            }
            int k = j;
            while (first <= last && k < b.length && b[k] <= last) {
                if (b[k] > first) {
                    result.addAscending(first, b[k] - 1);
                }
                first = b[k + 1] + 1;
                k += 2;
            }
            if (first <= last) {
                result.addAscending(first, last);
            }
            j = Math.max(j, k - 2);
        }
        return result.toArray();
    }

    /** Whose transactions: a server, and on 8.3 and later a tag, empty for none. Ordered as servers order them. */
    private record Origin(UUID source, String tag) implements Comparable<Origin> {

        @Override
        public int compareTo(Origin other) {
            int order = Long.compareUnsigned(source.getMostSignificantBits(), other.source.getMostSignificantBits());
            if (order == 0) {
                order = Long.compareUnsigned(source.getLeastSignificantBits(), other.source.getLeastSignificantBits());
            }
            return order == 0 ? tag.compareTo(other.tag) : order;
        }
    }

    /** A growing array of intervals. */
    private static final class Pairs {

        private long[] values;
        private int size;
        private boolean ascending = true;

        Pairs(int capacity) {
            values = new long[Math.max(2, capacity)];
        }

        /** Adds an interval that starts no earlier than the one before; joins it when they touch. */
        void addAscending(long first, long last) {
            if (size > 0 && first <= values[size - 1] + 1) {
                values[size - 1] = Math.max(values[size - 1], last);
            } else {
                append(first, last);
            }
        }

        /** Adds an interval in any order. */
        void add(long first, long last) {
            if (size > 0 && first < values[size - 2]) {
                ascending = false;
            }
            if (ascending) {
                addAscending(first, last);
            } else {
                append(first, last);
            }
        }

        private void append(long first, long last) {
            if (size == values.length) {
                values = Arrays.copyOf(values, size * 2);
            }
            values[size++] = first;
            values[size++] = last;
        }

        /** @return the intervals in order, none touching another */
        long[] toArray() {
            if (ascending) {
                return Arrays.copyOf(values, size);
            }
            long[][] sorted = new long[size / 2][];
            for (int i = 0; i < sorted.length; i++) {
                sorted[i] = new long[]{values[2 * i], values[2 * i + 1]};
            }
            Arrays.sort(sorted, (a, b) -> Long.compare(a[0], b[0]));
            Pairs result = new Pairs(size);
            for (long[] pair : sorted) {
                result.addAscending(pair[0], pair[1]);
            }
            return result.toArray();
        }
    }

    /** Reads text from left to right, once. */
    private static final class Parser {

        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        SortedMap<Origin, long[]> parse() {
            Map<Origin, Pairs> found = new HashMap<>();
            skipSpace();
            while (at < text.length()) {
                if (text.charAt(at) != ',') {
                    member(found);
                    skipSpace();
                    if (at < text.length() && text.charAt(at) != ',') {
                        throw wrong("expected ',' or ':'");
                    }
                }
                at++;
                skipSpace();
            }
            SortedMap<Origin, long[]> result = new TreeMap<>();
            found.forEach((origin, pairs) -> {
                long[] array = pairs.toArray();
                if (array.length > 0) {
                    result.put(origin, array);
                }
            });
            return result;
        }

        /** {@code uuid:1-5:7:tag:1-3}. */
        private void member(Map<Origin, Pairs> found) {
            Origin origin = new Origin(uuid(), "");
            boolean needsInterval = true;
            while (colon()) {
                if (isTagStart(peek())) {
                    if (needsInterval && !origin.tag.isEmpty()) {
                        throw wrong("tag \"" + origin.tag + "\" has no interval");
                    }
                    origin = new Origin(origin.source, tag());
                    needsInterval = true;
                } else {
                    interval(found.computeIfAbsent(origin, any -> new Pairs(2)));
                    needsInterval = false;
                }
            }
            if (needsInterval) {
                throw wrong("expected ':' and an interval");
            }
        }

        private UUID uuid() {
            int end = at + UUID_LENGTH;
            if (end > text.length()) {
                throw wrong("expected a UUID");
            }
            for (int i = 0; i < UUID_LENGTH; i++) {
                char c = text.charAt(at + i);
                boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
                if (dash ? c != '-' : c > 'f' || Character.digit(c, 16) < 0) {
                    throw wrong("expected a UUID");
                }
            }
            UUID uuid = UUID.fromString(text.substring(at, end));
            at = end;
            return uuid;
        }

        private String tag() {
            int start = at;
            while (isTagStart(peek()) || isDigit(peek())) {
                at++;
            }
            if (at - start > MAX_TAG) {
                at = start;
                throw wrong("a tag has at most " + MAX_TAG + " characters");
            }
            return text.substring(start, at).toLowerCase(Locale.ROOT);
        }

        private void interval(Pairs into) {
            long first = number();
            skipSpace();
            long last = first;
            if (peek() == '-') {
                at++;
                skipSpace();
                last = number();
            }
            if (last >= first) {
                into.add(first, last);
            }
        }

        private long number() {
            int start = at;
            long value = 0;
            while (isDigit(peek())) {
                int digit = text.charAt(at) - '0';
                if (value > (MAX_NUMBER - digit) / 10) {
                    at = start;
                    throw wrong("transaction number above " + MAX_NUMBER);
                }
                value = value * 10 + digit;
                at++;
            }
            if (at == start || value == 0) {
                at = start;
                throw wrong("expected a transaction number from 1 on");
            }
            return value;
        }

        private boolean colon() {
            skipSpace();
            if (peek() != ':') {
                return false;
            }
            at++;
            skipSpace();
            return true;
        }

        private char peek() {
            return at < text.length() ? text.charAt(at) : '\0';
        }

        private void skipSpace() {
            while (at < text.length()
                    && (text.charAt(at) == ' ' || (text.charAt(at) >= '\t' && text.charAt(at) <= '\r'))) {
                at++;
            }
        }

        private static boolean isDigit(char c) {
            return c >= '0' && c <= '9';
        }

        private static boolean isTagStart(char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        }

        private IllegalArgumentException wrong(String what) {
            String shown = text.length() <= 200
                    ? text
                    : "…" + text.substring(Math.max(0, at - 60), Math.min(text.length(), at + 60)) + "…";
            return new IllegalArgumentException(
                    "not a GTID set: " + what + " at character " + (at + 1) + ": \"" + shown + "\"");
        }
    }
}
