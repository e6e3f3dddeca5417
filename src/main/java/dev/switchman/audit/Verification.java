package dev.switchman.audit;

import java.util.List;
import java.util.Optional;

/**
 * Whether the journal is what it was when it was written.
 *
 * @param lines that are tied to each other
 * @param earlier lines of a version that did not tie them: nothing is said of these
 * @param head the newest link
 * @param sent whether the link that was asked for, one that was sent out earlier, is among them; empty if none was
 * @param purged what was taken out of the beginning; empty if nothing was. A head that was sent out before is not found any more
 * @param problems what does not fit, the first twenty; empty when all does
 */
public record Verification(long lines, long earlier, String head, Optional<Boolean> sent, Optional<Purged> purged,
        List<String> problems) {

    public Verification {
        problems = List.copyOf(problems);
    }

    public boolean whole() {
        return problems.isEmpty() && sent.orElse(true);
    }
}
