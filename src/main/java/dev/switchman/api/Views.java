package dev.switchman.api;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

import dev.switchman.runbook.Progress;

/** What the interface answers and takes. Names here are a promise; the rooms' own records are not shown. */
final class Views {

    private Views() {}

    /**
     * @param verdict kebab-case word; {@code not-looked-at} before the first look
     * @param run the run that holds it
     * @param warnings what people are to look after before it becomes a verdict: disks that are nearly full
     */
    record ClusterSummary(
            String name,
            String tier,
            String verdict,
            String sentence,
            @Nullable String primary,
            @Nullable PauseView paused,
            @Nullable String run,
            ManagerView manager,
            List<String> warnings,
            List<ProgressView> progress) {}

    /**
     * @param seenAt when the verdict was reached: once in each interval, as long as the watch runs
     * @param lookAgeSeconds how long ago that was
     */
    record ClusterDetail(
            String name,
            String tier,
            String verdict,
            String sentence,
            @Nullable Instant seenAt,
            @Nullable Long lookAgeSeconds,
            @Nullable String primary,
            @Nullable String virtualIp,
            @Nullable PauseView paused,
            @Nullable String run,
            ManagerView manager,
            List<String> warnings,
            List<QuarantineView> quarantined,
            List<NodeDetail> nodes,
            List<ProgressView> progress) {}

    /**
     * How far long work of a run is.
     *
     * @param what {@code catch-up}, {@code copy of db2:3306}, {@code salvage}, {@code fetching}
     * @param stage of a copy: {@code file copy}, {@code redo copy} …
     * @param unit {@code transactions} or {@code bytes}
     * @param all of the stage; absent while it is not known
     * @param since when the stage began
     */
    record ProgressView(
            String node,
            String what,
            @Nullable String stage,
            String unit,
            long done,
            @Nullable Long all,
            @Nullable Integer percent,
            @Nullable Long perSecond,
            @Nullable Long secondsLeft,
            Instant since,
            String sentence) {

        static ProgressView of(Progress.Line line) {
            return new ProgressView(line.node().toString(), line.what(), line.stage().isEmpty() ? null : line.stage(),
                    line.unit().name().toLowerCase(Locale.ROOT), line.done(), boxed(line.all()),
                    line.percent().orElse(null), boxed(line.perSecond()),
                    line.left().map(Duration::toSeconds).orElse(null), line.since(), line.sentence());
        }

        private static @Nullable Long boxed(OptionalLong number) {
            return number.isPresent() ? number.getAsLong() : null;
        }
    }

    /** @param acts false: this manager only watches, because it does not hold the cluster's locks */
    record ManagerView(boolean acts, String sentence) {}

    record PauseView(String by, String reason, Instant since, Instant until) {}

    record QuarantineView(String node, Instant since, String why, boolean fenceProven) {}

    /**
     * @param role {@code primary} or {@code replica}
     * @param promotion {@code preferred}, {@code allowed} or {@code never}, as configured
     * @param state {@code writable}, {@code read-only}, {@code super-read-only}, {@code unreachable}, or {@code unknown}
     *        before the first look
     * @param receiver {@code running}, {@code connecting} or {@code stopped}
     * @param applier {@code running} or {@code stopped}
     * @param delaySeconds {@code SOURCE_DELAY}, where it is delayed on purpose
     * @param errant GTID set of the transactions that it has and the primary does not; absent when there are none
     * @param problem what is wrong with it, in one line
     * @param disk what its host tells of its disks; absent when the host told nothing
     */
    record NodeDetail(
            String node,
            String role,
            String promotion,
            String state,
            @Nullable String version,
            @Nullable String executed,
            @Nullable String source,
            @Nullable String receiver,
            @Nullable String applier,
            @Nullable Long lagSeconds,
            @Nullable Long delaySeconds,
            @Nullable String semiSync,
            @Nullable String errant,
            @Nullable String problem,
            @Nullable DiskView disk) {}

    /**
     * Of the fuller one, where data and binary logs have a disk each.
     *
     * @param state {@code working}, {@code stalled}, {@code full} or {@code read-only}
     * @param usedPercent of its room or of its inodes, whichever is scarcer
     * @param nearlyFull whether {@code detection.disk-warning} is reached, or it serves no more
     */
    record DiskView(String state, @Nullable Integer usedPercent, boolean nearlyFull, String detail) {}

    record RunSummary(
            String run,
            String cluster,
            String runbook,
            String startedBy,
            String cause,
            Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable String ending,
            RunStatus status) {}

    /** @param at labels of the boxes where it stands @param exitCode of a command that followed it to its end */
    record RunDetail(
            String run,
            String cluster,
            String runbook,
            String startedBy,
            String cause,
            Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable String ending,
            RunStatus status,
            List<String> at,
            @Nullable String question,
            @Nullable String report,
            @Nullable Integer exitCode,
            List<TimelineEntry> timeline,
            List<ProgressView> progress) {}

    enum RunStatus {
        @JsonProperty("running")
        RUNNING, @JsonProperty("waiting")
        WAITING, @JsonProperty("ended")
        ENDED
    }

    /**
     * One line of the journal. A step stands here twice: when it begins (its sentence as text, no outcome) and when it has
     * ended (with outcome and detail).
     */
    record TimelineEntry(
            Instant at,
            String kind,
            String step,
            String text,
            @Nullable String outcome,
            @Nullable String detail,
            @Nullable Long tookMillis,
            @Nullable String node) {}

    record Started(String run) {}

    record Health(String status) {}

    /**
     * @param whole whether all lines fit each other, and the head that was asked for is among them
     * @param earlier lines of a version that did not tie them
     * @param headFound absent when none was asked for
     */
    record Audit(
            boolean whole,
            long lines,
            long earlier,
            String head,
            @Nullable Boolean headFound,
            @Nullable PurgedLines purged,
            List<String> problems) {}

    /** @param last when the newest of them was written @param policy of the latest pass @param at when that was */
    record PurgedLines(long lines, long runs, Instant last, String policy, Instant at) {}

    /**
     * @param reason why, for the journal and the report
     * @param primary the server that is lost; refused when another one is the primary; absent: whichever it is
     * @param to the server that is to become the primary, or none; absent: the best
     * @param lastFailoverMinutes refused when the cluster's last failover is younger, or has failed; absent: never
     */
    record FailoverRequest(@Nullable String reason, @Nullable String primary, @Nullable String to,
            @Nullable Long lastFailoverMinutes) {}

    /**
     * @param to {@code host:port} of the server that is to become the primary; absent: the best
     * @param reason why, for the journal, the people who are asked, and the report
     * @param override names of checks that the caller takes upon himself
     */
    record SwitchoverRequest(@Nullable String to, @Nullable String reason, @Nullable List<String> override) {}

    /** @param node {@code host} or {@code host:port} @param reason why, for the journal and the report */
    record RejoinRequest(@Nullable String node, @Nullable String reason, @Nullable List<String> override) {}

    /**
     * @param node {@code host} or {@code host:port}
     * @param choice {@code inject-empty} or {@code accept}
     * @param reason why, for the journal and the people who are asked
     */
    record RepairRequest(@Nullable String node, @Nullable String choice, @Nullable String reason) {}

    record PurgeRequest(@Nullable String reason) {}

    /** @param ready whether a switchover would begin, without any override */
    record PreflightView(@Nullable String primary, @Nullable String candidate, boolean ready, List<CheckView> checks) {}

    /**
     * @param severity {@code blocks}, {@code needs override} or {@code warns}
     * @param result {@code passed}, {@code failed} or {@code unknown}
     */
    record CheckView(String check, String subject, String severity, String result, String evidence) {}

    /** @param length how long, as ISO-8601 ({@code PT2H}) @param reason why */
    record PauseRequest(@JsonProperty("for") @Nullable String length, @Nullable String reason) {}

    /** @param askedAt of the question that is meant; absent: whichever the run asks now */
    record AnswerRequest(@Nullable Boolean approve, @Nullable String comment, @Nullable Instant askedAt) {}

    /** @param groups any of {@code operator}, {@code approver}, {@code auditor}, {@code admin} */
    record UserView(String name, List<String> groups, @Nullable String mail) {}

    /** Its text is what a log may show. */
    record UserRequest(
            @Nullable String name,
            @Nullable List<@Nullable String> groups,
            @Nullable String mail,
            @Nullable String password) {

        @Override
        public String toString() {
            return "user " + name;
        }
    }

    record PasswordRequest(@Nullable String password) {

        @Override
        public String toString() {
            return "a password";
        }
    }

    record GroupsRequest(@Nullable List<@Nullable String> groups) {}

    record TokenRequest(@Nullable String name, @Nullable List<@Nullable String> groups) {}

    record TokenView(String name, List<String> groups, String madeBy, Instant madeAt) {}

    /** @param token shown this once; sent back as {@code Authorization: Bearer …} */
    record NewToken(String name, List<String> groups, String token) {

        @Override
        public String toString() {
            return "token of " + name;
        }
    }
}
