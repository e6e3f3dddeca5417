package dev.switchman.api;

import java.util.Optional;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

import dev.switchman.audit.Journal;
import dev.switchman.audit.Verification;

/** Whether the journal is what it was when it was written. */
@RestController
class AuditController {

    private final Journal journal;

    AuditController(Journal journal) {
        this.journal = journal;
    }

    /** @param head one that was sent out earlier: 64 hexadecimal digits */
    @GetMapping("/api/audit")
    Views.Audit verify(@RequestParam Optional<String> head) {
        head.filter(text -> !text.matches("[0-9a-f]{64}")).ifPresent(text -> {
            throw Refusal.bad("head: must be 64 hexadecimal digits, 0-9 and a-f: \"" + text + "\"");
        });
        Verification found = journal.verify(head);
        return new Views.Audit(found.whole(), found.lines(), found.earlier(), found.head(),
                found.sent().orElse(null),
                found.purged()
                        .map(purged -> new Views.PurgedLines(purged.lines(), purged.runs(), purged.last(),
                                purged.policy(), purged.at()))
                        .orElse(null),
                found.problems());
    }
}
