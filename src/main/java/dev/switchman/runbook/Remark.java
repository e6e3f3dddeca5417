package dev.switchman.runbook;

/** Labels of the remarks that steps put into the journal and that the report, or a later step, reads there. */
public final class Remark {

    /** Why the run went on: what was seen. */
    public static final String EVIDENCE = "evidence";
    /** When a look at the old primary failed first, as ISO-8601. */
    public static final String FIRST_SIGN = "first-sign";
    /** How long writes stood still, as the run itself can tell. */
    public static final String OUTAGE = "outage";
    /** What a policy table answered, and why. */
    public static final String POLICY = "policy";
    /** A person's answer. */
    public static final String ANSWER = "answer";
    /** What came of fencing, in words. */
    public static final String FENCE = "fence";
    /** Begin and end of a shutdown hook, with what it printed. */
    public static final String HOOK = "shutdown-hook";
    /** A call of a script of MHA's kind: its name, the call, how it ended and what it printed. */
    public static final String SCRIPT = "script";
    /** One replica's facts and the table's answer about it. */
    public static final String BALLOT = "ballot";
    /** The server that was chosen, and why. */
    public static final String CHOSEN = "chosen";
    /** The delayed replica that a person is asked about, because nothing else is left. */
    public static final String LAST_RESORT = "last-resort";
    /** A server's name and, behind a space, what it had executed when it had caught up. */
    public static final String CAUGHT_UP = "caught-up";
    /** Events that were enabled on the old primary, one a line. */
    public static final String EVENTS = "events";
    /** What is known of lost writes. */
    public static final String LOSS = "loss";
    /** What was fetched from the old primary's binary logs, or why not. */
    public static final String SALVAGE = "salvage";
    /** What was fetched from the relay logs of a replica that is delayed on purpose, or why not. */
    public static final String WITHHELD = "withheld";
    /** The old primary's name and, behind a space, all that its binary logs hold. */
    public static final String LOG_END = "log-end";
    /** The old primary's name and, behind a space, what its binary logs are known to hold; there may be more. */
    public static final String LOG_HELD = "log-held";
    /** A replication channel as it was before it was removed. */
    public static final String CHANNEL = "channel";
    /** The server that is about to be opened for writes, noted before the statement is sent. */
    public static final String OPENING = "opening";
    /** The server that was opened for writes. */
    public static final String OPENED = "opened";
    /** The old primary of a run whose new primary was lost in turn. */
    public static final String REPLACED = "replaced";
    /** What went otherwise than it should, without stopping the run. */
    public static final String WARNING = "warning";
    /** What a person must do now. */
    public static final String TO_DO = "to-do";
    /** Where each server is at the end, one a line. */
    public static final String SERVERS = "servers";
    /** What became of the mail. */
    public static final String MAIL = "mail";
    /** Which receiver was told what, and what became of it. */
    public static final String NOTICE = "notice";
    /** The checks before a switchover, one a line. */
    public static final String CHECKS = "checks";
    /** Names and subjects of the checks that did not pass, one a line: what an approval was given on. */
    public static final String FACTS = "facts";
    /** A server that was seen to boot read-only. */
    public static final String BOOTS_READ_ONLY = "boots-read-only";
    /** When the receivers had stopped, as ISO-8601. */
    public static final String RECEIVERS_STOPPED = "receivers-stopped";
    /** The server that is to be a replica again. */
    public static final String REJOINS = "rejoins";
    /**
     * A server, whether its commits survived a crash of its host when it was last known to be sound, and when that was: as the
     * primary, or as a fresh copy of a replica.
     */
    public static final String LAST_HEALTHY = "last-healthy";
    /** Transactions that a server holds and the primary does not. */
    public static final String ERRANT = "errant";
    /** Where here the transactions lie that a server holds and the primary does not, and what they are in short. */
    public static final String SAVED = "saved";
    /** A server's name and, behind a space, its errant transactions that a person is asked about. */
    public static final String REPAIRS = "repairs";
    /** What was done about errant transactions: exactly which, where, by whose word. */
    public static final String REPAIRED = "repaired";
    /** What a rebuild has come to: asked, begun, done. */
    public static final String REBUILD = "rebuild";
    /** How much long work came to, in how long; and what happened while a server was copied. */
    public static final String PROGRESS = "progress";
    /** A server whose relay logs were purged and, behind a space, how much of them there was and is. */
    public static final String PURGED = "purged";
    /** What a proposed diagram, table or form would change, in words. */
    public static final String CHANGES = "changes";
    /** Files that came into force, with their versions, one a line. */
    public static final String IN_FORCE = "in-force";
    /** A command of the configuration, where it ran, how it ended and what it printed. */
    public static final String COMMAND = "command";
    /** Sets that were compared. */
    public static final String SETS = "sets";

    private Remark() {}
}
