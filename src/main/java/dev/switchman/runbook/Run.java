package dev.switchman.runbook;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import dev.switchman.topology.Cluster;
import dev.switchman.topology.Limits;
import dev.switchman.topology.Node;
import dev.switchman.topology.NodeId;

/**
 * What a step knows of its run, and the only place where the run's variables are named. Variables are short words; sets
 * and evidence go into the journal with {@link #note}. What was remembered is a hint: a step reads servers again.
 */
public final class Run {

    /** Variable names, as the diagrams' conditions read them. */
    public static final String CLUSTER = "cluster";
    public static final String OLD_PRIMARY = "oldPrimary";
    public static final String CANDIDATE = "candidate";
    public static final String EXCLUDED = "excluded";
    /** Servers that gave no answer when they were last given their full time; a hint for how long to wait for them. */
    public static final String SILENT = "silent";
    public static final String VERDICT = "verdict";
    public static final String STARTED_BY = "startedBy";
    public static final String UNANIMOUS = "unanimous";
    public static final String FEWER_ACKNOWLEDGERS = "fewerAcknowledgers";
    public static final String FENCE = "fence";
    public static final String LOSS = "loss";
    public static final String SALVAGE = "salvage";
    /** Whether its own host said that no mysqld of the old primary runs, {@code yes} or {@code no}, when it was fenced. */
    public static final String ENDED = "ended";
    public static final String POLICY = "policy";
    public static final String QUESTION = "question";
    public static final String APPROVED = "approved";
    public static final String ENDING = "ending";
    public static final String REFUSAL = "refusal";
    public static final String DETAIL = "detail";
    /** Input of a switchover or a failover: the server that a person wants; empty: the best. */
    public static final String TARGET = "target";
    /** The server that another is rebuilt from. */
    public static final String DONOR = "donor";
    /** Whether a copy that was begun is complete, {@code yes} or {@code no}. */
    public static final String REBUILT = "rebuilt";
    /** The replica whose relay logs are purged next. */
    public static final String REPLICA = "replica";
    /** Whether there is one, {@code yes} or {@code no}. */
    public static final String MORE = "more";
    /** Input of a switchover: names of checks that a person has taken upon himself, with commas. */
    public static final String OVERRIDES = "overrides";
    /** Input of a repair: what is to become of errant transactions, {@code inject-empty} or {@code accept}. */
    public static final String CHOICE = "choice";
    /** Which form a question needs. */
    public static final String ASKS = "asks";
    /** For the form: the checks that did not pass. */
    public static final String FACTS = "facts";
    /** Set once the candidate of a switchover is open: the run is not stopped any more. */
    public static final String FORWARD = "forward";
    /** How long the next question waits, ISO-8601; at first the limit {@code approval}. */
    public static final String APPROVAL_TIME = "limitApproval";

    /** Where a run keeps its variables: the engine's execution, or a map in tests. */
    public interface Variables {

        Optional<String> get(String name);

        /** @param value at most 2,000 characters */
        void put(String name, String value);
    }

    /** Takes a run's remarks into the journal. */
    @FunctionalInterface
    public interface Notes {

        void note(String label, String text);
    }

    /** Whether somebody wants the run to end before its time. */
    @FunctionalInterface
    public interface Stop {

        /** @return by whom it is asked to stop, and why; empty while it may go on, and once it can only go forward */
        Optional<String> asked();
    }

    /** The box of the diagram that this step is run for. */
    public interface Box {

        /** One of which nothing is known, and behind which the usual one stands. */
        Box ANY = new Box() {
            @Override
            public Optional<String> says(String property) {
                return Optional.empty();
            }

            @Override
            public boolean leadsTo(Class<? extends Step> step) {
                return true;
            }
        };

        /** @return the value of a property that whoever drew the box has set */
        Optional<String> says(String property);

        /** @return whether the one way out of it ends at a box of this step, with nothing between */
        boolean leadsTo(Class<? extends Step> step);
    }

    /** What the attempt to fence the old primary came to. */
    public enum Fence {
        /** It accepts no write, and will not after a restart. */
        CLOSED,
        /** It may accept a write but cannot acknowledge one: every possible acknowledger has stopped listening. */
        STARVED, UNPROVEN
    }

    /** What is known of acknowledged writes that the candidate lacks. */
    public enum Loss {
        NONE, POSSIBLE, KNOWN,
        /** Asynchronous replication: nobody can tell. */
        ASYNC
    }

    /** What came of fetching from the old primary's binary logs what the candidate lacks. */
    public enum Salvage {
        /** There was no need to, or its host could not be asked. */
        NONE,
        /** Its logs were read to their end, and the candidate has all that they hold. */
        DONE,
        /** Its host answers, and its logs could not be read to their end or not be applied. */
        FAILED
    }

    private final RunId id;
    private final Cluster cluster;
    private final Variables variables;
    private final Notes notes;
    private final Stop stop;
    private final Box box;
    private final Progress progress;

    /** @param progress where it is told how far the run's long work is */
    public Run(RunId id, Cluster cluster, Variables variables, Notes notes, Stop stop, Box box, Progress progress) {
        this.stop = stop;
        this.box = box;
        this.progress = progress;
        this.id = id;
        this.cluster = cluster;
        this.variables = variables;
        this.notes = notes;
    }

    public Box box() {
        return box;
    }

    /** Asked between two parts of a long wait; before each step it was asked already. A look-up. See {@link Stop#asked}. */
    public Optional<String> stopAsked() {
        return stop.asked();
    }

    public RunId id() {
        return id;
    }

    public Cluster cluster() {
        return cluster;
    }

    public Limits limits() {
        return cluster.limits();
    }

    /** The server that is fenced: the lost primary, or in a quarantine the server that came back. */
    public Node oldPrimary() {
        return node(OLD_PRIMARY);
    }

    public void oldPrimary(NodeId node) {
        variables.put(OLD_PRIMARY, node.toString());
    }

    public Optional<NodeId> oldPrimaryIfKnown() {
        return variables.get(OLD_PRIMARY).filter(text -> !text.isEmpty()).map(NodeId::parse);
    }

    /** The server that is to be the primary. */
    public Node candidate() {
        return node(CANDIDATE);
    }

    public Optional<NodeId> candidateIfChosen() {
        return variables.get(CANDIDATE).filter(text -> !text.isEmpty()).map(NodeId::parse);
    }

    public void candidate(NodeId node) {
        variables.put(CANDIDATE, node.toString());
    }

    /** Forgets the candidate and keeps it from being chosen again in this run. */
    public void exclude(NodeId node) {
        Set<NodeId> all = excluded();
        all.add(node);
        variables.put(EXCLUDED, words(all));
        variables.put(CANDIDATE, "");
    }

    public Set<NodeId> excluded() {
        return nodes(EXCLUDED);
    }

    /** See {@link #SILENT}. */
    public Set<NodeId> silent() {
        return nodes(SILENT);
    }

    public void silent(Set<NodeId> nodes) {
        if (!nodes.equals(silent())) {
            variables.put(SILENT, words(nodes));
        }
    }

    private static String words(Set<NodeId> nodes) {
        return nodes.stream().map(NodeId::toString).sorted().collect(Collectors.joining(","));
    }

    private Set<NodeId> nodes(String name) {
        Set<NodeId> all = new LinkedHashSet<>();
        for (String text : variables.get(name).orElse("").split(",")) {
            if (!text.isEmpty()) {
                all.add(NodeId.parse(text));
            }
        }
        return all;
    }

    /** The server that the run's server is rebuilt from. */
    public Node donor() {
        return node(DONOR);
    }

    public void donor(NodeId node) {
        variables.put(DONOR, node.toString());
    }

    /** For the gateway behind the step that rebuilds. */
    public void rebuilt(boolean complete) {
        variables.put(REBUILT, complete ? "yes" : "no");
    }

    /** The replica whose turn it is. */
    public Node replica() {
        return node(REPLICA);
    }

    public Optional<NodeId> replicaIfChosen() {
        return variables.get(REPLICA).filter(text -> !text.isEmpty()).map(NodeId::parse);
    }

    /** @param next empty: all have had their turn */
    public void replica(Optional<NodeId> next) {
        variables.put(REPLICA, next.map(NodeId::toString).orElse(""));
        variables.put(MORE, next.isPresent() ? "yes" : "no");
    }

    /** @return {@code monitor}, or the name of the person who started it */
    public String startedBy() {
        return variables.get(STARTED_BY).orElse("");
    }

    /** @return the verdict's {@code word()} that started this run, or was confirmed last */
    public String verdict() {
        return variables.get(VERDICT).orElse("");
    }

    public void verdict(String word) {
        variables.put(VERDICT, word);
    }

    /** @return whether every witness that answered had lost the primary too, when it was confirmed last */
    public boolean unanimous() {
        return variables.get(UNANIMOUS).orElse("no").equals("yes");
    }

    public void unanimous(boolean all) {
        variables.put(UNANIMOUS, all ? "yes" : "no");
    }

    /** @return whether the promotion's question said that fewer replicas than wanted would acknowledge commits */
    public boolean fewerAcknowledgersAsked() {
        return variables.get(FEWER_ACKNOWLEDGERS).orElse("no").equals("yes");
    }

    public void fewerAcknowledgersAsked(boolean asked) {
        variables.put(FEWER_ACKNOWLEDGERS, asked ? "yes" : "no");
    }

    public Fence fence() {
        return variables.get(FENCE).map(Fence::valueOf).orElse(Fence.UNPROVEN);
    }

    public void fence(Fence fence) {
        variables.put(FENCE, fence.name());
    }

    public Loss loss() {
        return variables.get(LOSS).map(Loss::valueOf).orElse(Loss.ASYNC);
    }

    public void loss(Loss loss) {
        variables.put(LOSS, loss.name());
    }

    /** @return whether its own host said, when the old primary was fenced, that no mysqld runs there */
    public boolean ended() {
        return variables.get(ENDED).orElse("no").equals("yes");
    }

    public void ended(boolean gone) {
        variables.put(ENDED, gone ? "yes" : "no");
    }

    public Salvage salvage() {
        return variables.get(SALVAGE).map(Salvage::valueOf).orElse(Salvage.NONE);
    }

    public void salvage(Salvage salvage) {
        variables.put(SALVAGE, salvage.name());
    }

    /** What a policy table answered, for the gateway behind it: {@code act}, {@code ask}, {@code go}, {@code stop} … */
    public void policy(String answer) {
        variables.put(POLICY, answer);
    }

    /** @return what a policy table answered last, until its question was answered */
    public String policy() {
        return variables.get(POLICY).orElse("");
    }

    /** The question that a person is asked next, in one or two sentences. */
    public String question() {
        return variables.get(QUESTION).orElse("");
    }

    /** @param text cut to 1,000 characters: what is longer stands in the journal */
    public void question(String text) {
        variables.put(QUESTION, text.length() <= 1_000 ? text : text.substring(0, 999) + "…");
    }

    /** For the gateway right behind the step that read the answer, {@code yes}, {@code no} or {@code more}; never kept for later. */
    public void approved(String answer) {
        variables.put(APPROVED, answer);
    }

    /** @return the server that a person wants as the new primary; empty: the best one */
    public Optional<NodeId> target() {
        return variables.get(TARGET).filter(text -> !text.isEmpty()).map(NodeId::parse);
    }

    /** What is to become of errant transactions. */
    public enum Choice {
        /** The primary, and through it every other server, gets an empty transaction under each of their GTIDs. */
        INJECT_EMPTY,
        /** They stay as they are, and are not shown any more. */
        ACCEPT;

        /** @return {@code inject-empty} */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** @return empty when there is no such word */
        public static Optional<Choice> of(String word) {
            return Arrays.stream(values()).filter(choice -> choice.word().equals(word)).findFirst();
        }
    }

    /** @throws IllegalStateException when the run has none */
    public Choice choice() {
        String word = variables.get(CHOICE).orElse("");
        return Choice.of(word)
                .orElseThrow(() -> new IllegalStateException("run " + id + " has no choice: \"" + word + "\""));
    }

    /** @return names of the checks that a person has taken upon himself */
    public Set<String> overrides() {
        Set<String> names = new LinkedHashSet<>();
        for (String name : variables.get(OVERRIDES).orElse("").split(",")) {
            if (!name.isBlank()) {
                names.add(name.strip());
            }
        }
        return names;
    }

    /** @param form {@code switchover}, or empty for the usual one @param facts cut to 1,500 characters */
    public void asks(String form, String facts) {
        variables.put(ASKS, form);
        variables.put(FACTS, facts.length() <= 1_500 ? facts : facts.substring(0, 1_499) + "…");
    }

    /** The candidate is open: nobody stops this run any more, because only its end leaves the cluster whole. */
    public void forward() {
        variables.put(FORWARD, "yes");
    }

    /** @return how long a question waits for a person */
    public Duration approvalTime() {
        return variables.get(APPROVAL_TIME)
                .filter(text -> !text.isEmpty())
                .map(Duration::parse)
                .orElse(limits().approval());
    }

    public void approvalTime(Duration time) {
        variables.put(APPROVAL_TIME, time.toString());
    }

    public void ending(Ending ending) {
        variables.put(ENDING, ending.name());
    }

    public Optional<Ending> ending() {
        return variables.get(ENDING).filter(text -> !text.isEmpty()).map(Ending::valueOf);
    }

    /** @return the error that a step raised last; empty if none did */
    public Optional<RunbookError> refusal() {
        return variables.get(REFUSAL).filter(text -> !text.isEmpty()).map(RunbookError::valueOf);
    }

    /** @return what the last refusal said */
    public String detail() {
        return variables.get(DETAIL).orElse("");
    }

    /** Puts a remark into the journal, under this step: evidence, a GTID set, a decision. Any length. */
    public void note(String label, String text) {
        notes.note(label, text);
    }

    /**
     * Shows people how far long work is, until it is closed. What is under way on that server under that name goes on. Reads no
     * variable: it may be begun and told beside the step.
     *
     * @param what one or two words: {@code catch-up}
     */
    public Progress.Work progress(Node node, String what, Progress.Unit unit) {
        return progress.of(id, node.id(), what, unit, notes);
    }

    private Node node(String variable) {
        String text = variables.get(variable).orElse("");
        if (text.isEmpty()) {
            throw new IllegalStateException("run " + id + " has no " + variable + " yet");
        }
        return cluster.node(NodeId.parse(text));
    }
}
