package dev.switchman.mysql;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import dev.switchman.topology.Failure;
import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What {@link NodeLocks} keep to, on every version. */
abstract class NodeLocksContract {

    private static final Duration PLENTY = Duration.ofSeconds(5);
    private static final List<String> BOTH = List.of("switchman:test", "switchman:another");
    private static final String LOCK = BOTH.getFirst();

    private Stage stage;
    private NodeLocks ours;
    private NodeLocks theirs;

    abstract Stage stage();

    @BeforeEach
    void reset() {
        stage = stage();
        stage.reset();
        ours = MySql.locks();
        theirs = MySql.locks();
    }

    @AfterEach
    void close() {
        ours.close();
        theirs.close();
    }

    private LockLook.State seen(NodeLocks by, Node node) {
        return switch (by.look(node, BOTH, PLENTY)) {
            case LockLook.Seen seen -> seen.of(LOCK);
            case LockLook.Unseen(Failure failure) -> throw new AssertionError(failure);
        };
    }

    @Test
    void aLockBelongsToWhoTookItUntilItIsGivenBack() {
        assertThat(seen(ours, stage.primary())).isEqualTo(new LockLook.State.Free());

        assertThat(ours.take(stage.primary(), LOCK, PLENTY)).isTrue();

        assertThat(seen(ours, stage.primary())).isEqualTo(new LockLook.State.Ours());
        assertThat(theirs.take(stage.primary(), LOCK, PLENTY)).isFalse();
        assertThat(seen(theirs, stage.primary()))
                .isInstanceOfSatisfying(LockLook.State.Theirs.class, state -> assertThat(state.holder())
                        .matches("connection \\d+ of " + stage.primary().mysql().user() + " from \\S+"));
        ours.release(stage.primary(), LOCK, PLENTY);
        assertThat(theirs.take(stage.primary(), LOCK, PLENTY)).isTrue();
    }

    @Test
    void oneConnectionHoldsSeveral() {
        assertThat(BOTH).allSatisfy(name -> assertThat(ours.take(stage.replica(), name, PLENTY)).isTrue());

        assertThat(ours.look(stage.replica(), BOTH, PLENTY)).isInstanceOfSatisfying(LockLook.Seen.class,
                seen -> assertThat(BOTH).allSatisfy(
                        name -> assertThat(seen.of(name)).isEqualTo(new LockLook.State.Ours())));
    }

    @Test
    void aLockIsGoneWithItsHolder() {
        ours.take(stage.primary(), LOCK, PLENTY);

        ours.close();

        await().atMost(PLENTY)
                .untilAsserted(() -> assertThat(seen(theirs, stage.primary())).isEqualTo(new LockLook.State.Free()));
    }

    @Test
    void aServerThatWasKilledHasNoLocksAndIsAskedAnew() {
        ours.take(stage.replica(), LOCK, PLENTY);
        stage.crash(stage.replica());

        assertThat(ours.look(stage.replica(), BOTH, PLENTY)).isInstanceOf(LockLook.Unseen.class);
        stage.reset();
        assertThat(seen(ours, stage.replica())).isEqualTo(new LockLook.State.Free());
    }

    @Test
    void aServerThatStandsStillIsNotWaitedForLongerThanAsked() {
        ours.take(stage.replica(), LOCK, PLENTY);
        stage.freeze(stage.replica());
        long begun = System.nanoTime();

        LockLook look = ours.look(stage.replica(), BOTH, Duration.ofMillis(300));

        assertThat(look).isInstanceOfSatisfying(LockLook.Unseen.class,
                unseen -> assertThat(unseen.failure()).isInstanceOf(Failure.TimedOut.class));
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofMillis(900));
    }

    @Test
    void noDataIsChangedAndAFenceLeavesThemAlone() {
        GtidSet before = stage.executed(stage.primary());

        ours.take(stage.primary(), LOCK, PLENTY);
        stage.operator().refuseWrites(stage.primary(), PLENTY);

        assertThat(seen(ours, stage.primary())).isEqualTo(new LockLook.State.Ours());
        ours.release(stage.primary(), LOCK, PLENTY);
        assertThat(stage.executed(stage.primary())).isEqualTo(before);
    }
}
