package dev.switchman.topology;

import java.time.Duration;
import java.util.Set;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class GtidSetTest {

    @Test
    void eachTransactionIsToldByItself() {
        GtidSet set = GtidSet.parse("00000000-0000-0000-0000-000000000001:1-2:tag:4,"
                + "00000000-0000-0000-0000-000000000002:7");

        assertThat(set.each(4)).containsExactly("00000000-0000-0000-0000-000000000001:1",
                "00000000-0000-0000-0000-000000000001:2", "00000000-0000-0000-0000-000000000001:tag:4",
                "00000000-0000-0000-0000-000000000002:7");
        assertThatThrownBy(() -> set.each(3)).hasMessageContaining("4 transactions are more than 3");
    }

    private static final String A = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
    private static final String B = "f0000000-0000-0000-0000-000000000001";

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "null", value = {
            "''                                   | ''",
            "' , ,'                               | ''",
            "A:1                                  | A:1",
            "A:1-5:7                              | A:1-5:7",
            "A:7:1-5                              | A:1-5:7",
            "A:1-5:6                              | A:1-6",
            "A:3-9:1-4                            | A:1-9",
            "A:5-3                                | ''",
            "A:5-5                                | A:5",
            "B:1,A:1                              | A:1,B:1",
            "A:1,B:1,A:2                          | A:1-2,B:1",
            "A:tag:1-5                            | A:tag:1-5",
            "A:1-3:tag:4-5:7                      | A:1-3:tag:4-5:7",
            "A:Tag:4-5:1-3                        | A:tag:1-5",
            "A:zz:1:aa:2,A:9                      | A:9:aa:2:zz:1",
            "A : 1 - 5 : 7                        | A:1-5:7",
            "A:9223372036854775806                | A:9223372036854775806",
    })
    void readsWhatServersPrint(String text, String canonical) {
        assertThat(GtidSet.parse(named(text)).toString()).isEqualTo(named(canonical));
    }

    @Test
    void readsLineEndsAndUpperCaseAsServersPrintThem() {
        GtidSet set = GtidSet.parse(A.toUpperCase() + ":1-5,\n" + B + ":1-3\r\n");

        assertThat(set).hasToString(A + ":1-5," + B + ":1-3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "A", "A:", "A:0", "A:1-", "A:-1", "A:1-0", "A:1 2", "A:1;B:1", "A:9223372036854775807",
            "A:tag",
            "A:tag:", "A:tag:other:1", "A:1:tag", "A:a23456789012345678901234567890123:1", "A:1-5x", "A-1:1",
            "3e11fa4771ca11e19e33c80aa9429562:1", "3e11fa47-71ca-11e1-9e33-c80aa942956g:1", "A:１"})
    void refusesWhatIsNoSetAndNamesTheText(String text) {
        assertThatThrownBy(() -> GtidSet.parse(named(text))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("not a GTID set: ")
                .hasMessageContaining(named(text));
    }

    @Test
    void taggedAndUntaggedAreDifferentTransactions() {
        GtidSet plain = GtidSet.parse(A + ":1-5");
        GtidSet tagged = GtidSet.parse(A + ":tag:1-5");

        assertThat(plain.minus(tagged)).isEqualTo(plain);
        assertThat(plain.union(tagged).count()).isEqualTo(10);
        assertThat(plain.union(tagged).sources()).containsExactly(UUID.fromString(A));
    }

    @Test
    void keepsTheTransactionsOfSomeSources() {
        GtidSet both = GtidSet.parse(A + ":1-5:tag:1," + B + ":1-3");

        assertThat(both.sources()).containsExactlyInAnyOrder(UUID.fromString(A), UUID.fromString(B));
        assertThat(both.restrictedTo(Set.of(UUID.fromString(B)))).hasToString(B + ":1-3");
        assertThat(both.restrictedTo(Set.of())).isEqualTo(GtidSet.empty());
    }

    @Test
    void countsUpToTheLargestNumberAndNotBeyond() {
        GtidSet whole = GtidSet.of(UUID.fromString(A), 1, Long.MAX_VALUE - 1);

        assertThat(whole.count()).isEqualTo(Long.MAX_VALUE - 1);
        assertThat(whole.union(GtidSet.parse(B + ":1-9")).count()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void refusesAnIntervalThatIsNone() {
        assertThatThrownBy(() -> GtidSet.of(UUID.fromString(A), 5, 4)).hasMessageContaining("5-4");
        assertThatThrownBy(() -> GtidSet.of(UUID.fromString(A), 0, 4)).hasMessageContaining("0-4");
    }

    @Test
    void handlesAHundredThousandIntervalsWithinMilliseconds() {
        String odd = manyIntervals(1);
        String even = manyIntervals(3);
        for (int warm = 0; warm < 5; warm++) {
            GtidSet.parse(odd).union(GtidSet.parse(even));
        }

        long start = System.nanoTime();
        GtidSet a = GtidSet.parse(odd);
        GtidSet b = GtidSet.parse(even);
        GtidSet union = a.union(b);
        GtidSet missing = union.minus(b);
        boolean contains = union.contains(a);
        GtidSet common = union.intersect(b);
        Duration took = Duration.ofNanos(System.nanoTime() - start);

        assertThat(missing).isEqualTo(a);
        assertThat(common).isEqualTo(b);
        assertThat(contains).isTrue();
        assertThat(union.count()).isEqualTo(200_000);
        // Each takes a few milliseconds; the bound only has to tell that from minutes, on a busy machine too.
        assertThat(took).isLessThan(Duration.ofSeconds(1));
    }

    private static String manyIntervals(int first) {
        StringBuilder text = new StringBuilder(A);
        for (int i = 0; i < 100_000; i++) {
            text.append(':').append(first + 4L * i);
        }
        return text.toString();
    }

    private static String named(String text) {
        return text.replaceAll("(?<![A-Za-z])A(?=$|[ :-])", A).replaceAll("(?<![A-Za-z])B(?=$|[ :-])", B);
    }
}
