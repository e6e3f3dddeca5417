package dev.switchman.mha;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import dev.switchman.config.Problem;

/** Collects what is wrong and what is worth a word, in the order in which it was found. */
final class Findings {

    private final Set<Problem> errors = new LinkedHashSet<>();
    private final Set<Problem> warnings = new LinkedHashSet<>();
    private final Set<Problem> byHand = new LinkedHashSet<>();

    void error(Setting setting, String what) {
        errors.add(new Problem(setting.file(), setting.line(), setting.place(), what));
    }

    void error(Path file, int line, String place, String what) {
        errors.add(new Problem(file, line, place, what));
    }

    void warning(Setting setting, String what) {
        warnings.add(new Problem(setting.file(), setting.line(), setting.place(), what));
    }

    void warning(Path file, int line, String place, String what) {
        warnings.add(new Problem(file, line, place, what));
    }

    void byHand(Setting setting, String what) {
        byHand.add(new Problem(setting.file(), setting.line(), setting.place(), what));
    }

    void byHand(Path file, String what) {
        byHand.add(new Problem(file, 0, "", what));
    }

    List<Problem> errors() {
        return List.copyOf(errors);
    }

    List<Problem> warnings() {
        return List.copyOf(warnings);
    }

    List<Problem> byHand() {
        return new ArrayList<>(byHand);
    }
}
