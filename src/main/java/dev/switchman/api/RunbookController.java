package dev.switchman.api;

import java.security.Principal;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

import dev.switchman.runbook.Deployments;
import dev.switchman.runbook.Deployments.Begun;
import dev.switchman.runbook.Deployments.Found;
import dev.switchman.runbook.Deployments.Outlook;
import dev.switchman.runbook.RunId;

/** Which diagrams, tables and forms are in force, and how others come into force: with a second person's yes. */
@RestController
@RequestMapping("/api/runbooks")
class RunbookController {

    private static final int LONGEST_REASON = 500;

    private final Deployments deployments;

    RunbookController(Deployments deployments) {
        this.deployments = deployments;
    }

    /** @param offered files that this program brings and the store has never had */
    record Runbooks(List<VersionView> versions, List<String> offered) {}

    /** @param approvedBy null: nobody was asked */
    record VersionView(
            String file,
            int version,
            String checksum,
            Instant at,
            String by,
            @Nullable String approvedBy,
            @Nullable String run,
            boolean inForce,
            boolean shipped) {}

    /**
     * What is to come into force; one of the first three.
     *
     * @param files contents in Base64, by file name
     * @param rollback an earlier version
     * @param shipped names of what this program brings
     * @param dryRun only say what would change
     */
    record Proposal(
            @Nullable Map<String, String> files,
            @Nullable Earlier rollback,
            @Nullable List<String> shipped,
            @Nullable String reason,
            @Nullable Boolean dryRun) {}

    record Earlier(@Nullable String runbook, @Nullable Integer version) {}

    /** @param run null: nothing was started @param problems each as {@code file: box: what} */
    record Proposed(@Nullable String run, List<ChangeView> changes, List<String> problems) {}

    /** @param beside version in force; null: there is none */
    record ChangeView(String file, @Nullable Integer beside, List<String> lines) {}

    @GetMapping
    Runbooks all() {
        return new Runbooks(deployments.versions()
                .stream()
                .map(one -> new VersionView(one.file(), one.number(), one.checksum(), one.at(), one.by(),
                        one.approvedBy().orElse(null), one.run().map(RunId::value).orElse(null), one.inForce(),
                        one.shipped()))
                .toList(), deployments.offered());
    }

    /**
     * Judges files and says what they would change; starts the run that asks a second person, unless it is a dry run, they
     * break a rule (status 422), or are in force as they are.
     */
    @PostMapping("/deploy")
    ResponseEntity<Proposed> deploy(@RequestBody Proposal body, Principal user) {
        Map<String, byte[]> files = files(body);
        boolean dryRun = Boolean.TRUE.equals(body.dryRun());
        Outlook outlook = deployments.look(files);
        List<ChangeView> changes = outlook instanceof Outlook.Fit(List<Deployments.Change> all)
                ? all.stream()
                        .map(one -> new ChangeView(one.file(), one.from().orElse(null), one.lines()))
                        .toList()
                : List.of();
        if (outlook instanceof Outlook.Unfit(List<String> problems)) {
            return ResponseEntity.status(dryRun ? HttpStatus.OK : HttpStatus.UNPROCESSABLE_ENTITY)
                    .body(new Proposed(null, List.of(), problems));
        }
        if (dryRun || changes.isEmpty()) {
            return ResponseEntity.ok(new Proposed(null, changes, List.of()));
        }
        return switch (deployments.begin(files, user.getName(), reason(body.reason()))) {
            case Begun.Yes(RunId run) -> ResponseEntity.status(HttpStatus.ACCEPTED)
                    .body(new Proposed(run.value(), changes, List.of()));
            case Begun.Held(RunId by) -> throw Refusal.conflict("run " + by
                    + " is about a change of runbooks already: let it be answered first", by.value());
            case Begun.No(Outlook why) -> throw Refusal.conflict("the runbooks in force have just changed: try again");
            case Begun.Refused(String why) -> throw Refusal.conflict(why);
        };
    }

    private Map<String, byte[]> files(Proposal body) {
        Map<String, byte[]> files = new TreeMap<>();
        @Nullable
        Map<String, String> sent = body.files();
        @Nullable
        Earlier rollback = body.rollback();
        @Nullable
        List<String> shipped = body.shipped();
        if (sent != null) {
            sent.forEach((name, content) -> files.put(name, decoded(name, content)));
        }
        if (rollback != null) {
            @Nullable
            String runbook = rollback.runbook();
            @Nullable
            Integer version = rollback.version();
            if (runbook == null || version == null) {
                throw Refusal.bad("rollback: runbook and version are both needed");
            }
            put(files, "rollback", deployments.version(runbook, version));
        }
        if (shipped != null) {
            shipped.forEach(name -> put(files, "shipped", deployments.shipped(name)));
        }
        if (files.isEmpty()) {
            throw Refusal.bad("files: missing; or name what is meant by rollback or shipped");
        }
        return files;
    }

    private static void put(Map<String, byte[]> files, String argument, Found found) {
        switch (found) {
            case Found.File(String name, byte[] content) -> files.put(name, content);
            case Found.Nothing(String why) -> throw Refusal.bad(argument + ": " + why);
        }
    }

    private static byte[] decoded(String name, String content) {
        try {
            return Base64.getDecoder().decode(content);
        } catch (IllegalArgumentException e) {
            throw Refusal.bad("files: " + name + " is not in Base64: " + e.getMessage());
        }
    }

    private static String reason(@Nullable String reason) {
        if (reason == null || reason.isBlank()) {
            throw Refusal.bad("reason: missing; say why, for whoever is to agree, and for the journal");
        }
        if (reason.length() > LONGEST_REASON) {
            throw Refusal.bad("reason: " + reason.length() + " characters, at most " + LONGEST_REASON + ": \""
                    + reason.substring(0, 40) + "…\"");
        }
        return reason.strip();
    }
}
