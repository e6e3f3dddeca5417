package dev.switchman.topology;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

import static org.assertj.core.api.Assertions.assertThat;

/** Compares with the plainest model there is: a set of single transactions. */
final class GtidSetPropertiesTest {

    private static final List<String> ORIGINS = List.of("00000000-0000-0000-0000-000000000001:",
            "00000000-0000-0000-0000-000000000001:a_tag:", "80000000-0000-0000-0000-000000000000:",
            "ffffffff-ffff-ffff-ffff-ffffffffffff:zz:");

    record One(String origin, long number) {}

    @Property
    void unionHoldsWhatEitherHolds(@ForAll("sets") Set<One> a, @ForAll("sets") Set<One> b) {
        Set<One> expected = new HashSet<>(a);
        expected.addAll(b);

        assertThat(set(a).union(set(b))).isEqualTo(set(expected)).hasSameHashCodeAs(set(expected));
    }

    @Property
    void minusLeavesWhatTheOtherLacks(@ForAll("sets") Set<One> a, @ForAll("sets") Set<One> b) {
        Set<One> expected = new HashSet<>(a);
        expected.removeAll(b);

        assertThat(set(a).minus(set(b))).isEqualTo(set(expected));
    }

    @Property
    void intersectKeepsWhatBothHold(@ForAll("sets") Set<One> a, @ForAll("sets") Set<One> b) {
        Set<One> expected = new HashSet<>(a);
        expected.retainAll(b);

        assertThat(set(a).intersect(set(b))).isEqualTo(set(expected));
        assertThat(set(a).overlaps(set(b))).isEqualTo(!expected.isEmpty());
    }

    @Property
    void containsMeansEveryOne(@ForAll("sets") Set<One> a, @ForAll("sets") Set<One> b) {
        Set<One> both = new HashSet<>(a);
        both.addAll(b);

        assertThat(set(a).contains(set(b))).isEqualTo(a.containsAll(b));
        assertThat(set(both).contains(set(b))).isTrue();
    }

    @Property
    void countsSingleTransactions(@ForAll("sets") Set<One> a) {
        assertThat(set(a).count()).isEqualTo(a.size());
        assertThat(set(a).isEmpty()).isEqualTo(a.isEmpty());
    }

    @Property
    void readsItsOwnText(@ForAll("sets") Set<One> a) {
        assertThat(GtidSet.parse(set(a).toString())).isEqualTo(set(a));
    }

    @Property
    void intervalsInAnyOrderReadTheSame(@ForAll("sets") Set<One> a) {
        List<One> ascending = a.stream()
                .sorted(Comparator.comparing(One::origin).thenComparing(One::number))
                .toList();

        assertThat(GtidSet.parse(String.join(",", texts(ascending)))).isEqualTo(set(a));
        assertThat(GtidSet.parse(String.join(",", texts(ascending.reversed())))).isEqualTo(set(a));
    }

    @Provide
    Arbitrary<Set<One>> sets() {
        Arbitrary<Long> number = Arbitraries.oneOf(Arbitraries.longs().between(1, 30),
                Arbitraries.longs().between(Long.MAX_VALUE - 4, Long.MAX_VALUE - 1));
        return Combinators.combine(Arbitraries.of(ORIGINS), number).as(One::new).set().ofMaxSize(60);
    }

    private static GtidSet set(Set<One> ones) {
        return GtidSet.parse(String.join(",\n", texts(ones)));
    }

    private static List<String> texts(Iterable<One> ones) {
        List<String> texts = new ArrayList<>();
        ones.forEach(one -> texts.add(one.origin + one.number));
        return texts;
    }
}
