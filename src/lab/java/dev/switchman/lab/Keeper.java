package dev.switchman.lab;

import java.time.Duration;

/** A program that keeps the cluster of a lab writable, as the benchmark compares it with others. */
interface Keeper extends AutoCloseable {

    /** @return its name and version */
    String title();

    /** Returns when it watches the primary and would act on its loss. */
    void watch();

    /** Returns when it would take a planned switchover. Repeatable. */
    void prepare();

    /** Hands the writes over to another server, by plan; returns when that has ended. @throws LabException when it went wrong */
    void switchOver();

    /** Waits for the end of what it does about a lost primary. @throws LabException when it has not ended, or says that it failed */
    void awaitFailover(Duration deadline);

    /** @return what it has logged last */
    String lastLines();

    @Override
    void close();
}
