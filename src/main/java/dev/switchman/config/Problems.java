package dev.switchman.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects what is wrong and what is risky; the same thing found twice counts once. */
final class Problems {

    private static final Comparator<Problem> BY_LINE = Comparator.comparingInt(Problem::line);

    private final Path file;
    private final Set<Problem> errors = new LinkedHashSet<>();
    private final Set<Problem> warnings = new LinkedHashSet<>();

    Problems(Path file) {
        this.file = file;
    }

    void error(int line, String path, String what) {
        errors.add(new Problem(file, line, path, what));
    }

    void warning(int line, String path, String what) {
        warnings.add(new Problem(file, line, path, what));
    }

    List<Problem> errors() {
        return sorted(errors);
    }

    List<Problem> warnings() {
        return sorted(warnings);
    }

    private static List<Problem> sorted(Set<Problem> problems) {
        List<Problem> all = new ArrayList<>(problems);
        all.sort(BY_LINE);
        return List.copyOf(all);
    }
}
