package dev.switchman.lab;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The ways in which the demo loses a primary. */
enum Fault {

    CRASH("mysqld on %s is killed (kill -9); its host lives on") {
        @Override
        Instant strike(LabCluster lab, LabNode node, Writer writer) {
            return lab.crash(node);
        }
    },
    SALVAGE("%s, whose last " + Fault.TAIL
            + " writes no replica has received, is killed (kill -9); its host lives on") {
        @Override
        LabCluster.Builder settings(LabCluster.Builder builder) {
            return builder.semiSync(false);
        }

        @Override
        Instant strike(LabCluster lab, LabNode node, Writer writer) {
            lab.nodes().stream().filter(other -> !other.equals(node)).forEach(lab::stopReceiver);
            writer.awaitAcknowledged(writer.acknowledged() + TAIL, SOON);
            return lab.crash(node);
        }
    },
    SILENT("the network of %s goes dark; its MySQL runs on, unseen") {
        @Override
        Instant strike(LabCluster lab, LabNode node, Writer writer) {
            return lab.silence(node);
        }
    },
    FROZEN("%s freezes: its kernel takes connections, nothing answers on them") {
        @Override
        Instant strike(LabCluster lab, LabNode node, Writer writer) {
            return lab.freeze(node);
        }
    };

    private static final int TAIL = 1_000;
    private static final Duration SOON = Duration.ofSeconds(60);

    private final String sentence;

    Fault(String sentence) {
        this.sentence = sentence;
    }

    /** @return their names, as in {@code crash, silent} */
    static String all(String between) {
        return Arrays.stream(values()).map(Fault::toString).collect(Collectors.joining(between));
    }

    static Optional<Fault> named(String word) {
        return Arrays.stream(values()).filter(fault -> fault.toString().equals(word)).findFirst();
    }

    /** @return a cluster that can be lost in this way */
    LabCluster.Builder settings(LabCluster.Builder builder) {
        return builder;
    }

    /** @param writer what it wrote shows when it is time @return when it struck */
    abstract Instant strike(LabCluster lab, LabNode node, Writer writer);

    /** @return whether the old primary's host answers meanwhile, so that it is fenced at the end of the run */
    boolean hostAnswers() {
        return this == CRASH || this == SALVAGE;
    }

    /** Takes it back: after this the old primary runs and is reached again. */
    void heal(LabCluster lab, LabNode node) {
        switch (this) {
            case CRASH, SALVAGE -> lab.restartMysqld(node);
            case SILENT -> lab.unsilence(node);
            case FROZEN -> lab.thaw(node);
        }
    }

    String sentence(LabNode node) {
        return sentence.formatted(node.name());
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
