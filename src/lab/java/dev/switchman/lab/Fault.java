package dev.switchman.lab;

import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The ways in which the demo loses a primary. */
enum Fault {

    CRASH("mysqld on %s is killed (kill -9); its host lives on") {
        @Override
        Instant strike(LabCluster lab, LabNode node) {
            return lab.crash(node);
        }
    },
    SILENT("the network of %s goes dark; its MySQL runs on, unseen") {
        @Override
        Instant strike(LabCluster lab, LabNode node) {
            return lab.silence(node);
        }
    },
    FROZEN("%s freezes: its kernel takes connections, nothing answers on them") {
        @Override
        Instant strike(LabCluster lab, LabNode node) {
            return lab.freeze(node);
        }
    };

    private final String sentence;

    Fault(String sentence) {
        this.sentence = sentence;
    }

    static Optional<Fault> named(String word) {
        return Arrays.stream(values()).filter(fault -> fault.toString().equals(word)).findFirst();
    }

    /** @return when it struck */
    abstract Instant strike(LabCluster lab, LabNode node);

    /** Takes it back: after this the old primary runs and is reached again. */
    void heal(LabCluster lab, LabNode node) {
        switch (this) {
            case CRASH -> lab.restartMysqld(node);
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
