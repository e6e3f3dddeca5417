package dev.switchman.lab;

import java.time.Duration;
import java.util.List;

/**
 * One keeper of a cluster of MySQL 5.7 and one fault, or several switchovers of one cluster: how long the application could
 * not write, and what was left. Prints one JSON object a line. Both keepers are measured by this very code, on labs that are
 * made alike.
 */
final class PeerRun {

    /** Longer than this nobody waits for a cluster that has lost its primary. */
    static final Duration PATIENCE = Duration.ofSeconds(120);

    private static final Duration BEFORE = Duration.ofSeconds(3);
    private static final Duration AFTER = Duration.ofSeconds(2);
    /** A former primary that is back is met within this time, if anybody cares. */
    private static final Duration MET = Duration.ofSeconds(10);
    private static final Duration LOOK = Duration.ofMillis(250);
    private static final Duration WRITES_AGAIN = Duration.ofSeconds(60);

    private final LabCluster lab;
    private final Keeper keeper;

    private PeerRun(LabCluster lab, Keeper keeper) {
        this.lab = lab;
        this.keeper = keeper;
    }

    /** @param arguments the keeper, {@code switchman} or {@code mha}; the fault or {@code planned}; how many switchovers */
    public static void main(String[] arguments) {
        int status = 0;
        try (LabCluster lab = LabCluster.builder().version(MhaKeeper.IMAGE).start();
                Keeper keeper = arguments[0].equals("mha") ? MhaKeeper.of(lab) : SwitchmanKeeper.of(lab)) {
            PeerRun run = new PeerRun(lab, keeper);
            try {
                if (arguments[1].equals(Bench.PLANNED)) {
                    run.planned(Integer.parseInt(arguments[2]));
                } else {
                    say(run.lost(Fault.named(arguments[1]).orElseThrow()));
                }
            } catch (LabException e) {
                throw new LabException(e.getMessage() + "\nIts log ends with:\n" + keeper.lastLines(), e);
            }
        } catch (LabException e) {
            System.err.println("switchman bench: " + e.getMessage());
            status = 1;
        }
        System.out.flush();
        System.exit(status);
    }

    private PeerOutage lost(Fault fault) {
        LabNode old = lab.primary();
        keeper.watch();
        Duration outage;
        long withheld;
        boolean back;
        List<String> missing;
        try (Writer writer = Writer.start(lab)) {
            Eventually.pause(BEFORE);
            long since = System.nanoTime();
            ProcessorTime before = ProcessorTime.now();
            fault.strike(lab, old, writer);
            // Nobody asks anybody anything meanwhile: all of them share this machine.
            back = writer.progresses(PATIENCE);
            withheld = ProcessorTime.now().withheldSince(before);
            if (back) {
                keeper.awaitFailover(PATIENCE);
                writer.awaitProgress(WRITES_AGAIN);
                Eventually.pause(AFTER);
            }
            outage = writer.longestGap(since);
            writer.close();
            missing = lab.replicas()
                    .stream()
                    .filter(lab::isWritable)
                    .findFirst()
                    .map(writer::missingOn)
                    .orElse(List.of());
        }
        fault.heal(lab, old);
        return new PeerOutage(outage.toMillis(), back, missing.size(), withheld, writableInTheEnd());
    }

    /** Two writable servers are given time to become one, and one that comes back is given time to answer. @return the names of those that are left */
    private List<String> writableInTheEnd() {
        long begun = System.nanoTime();
        while (true) {
            Eventually.pause(LOOK);
            boolean last = System.nanoTime() - begun > MET.toNanos();
            try {
                List<String> writable = lab.nodes()
                        .stream()
                        .filter(node -> lab.runsMysqld(node) && lab.isWritable(node))
                        .map(LabNode::name)
                        .toList();
                if (writable.size() == 1 || last) {
                    return writable;
                }
            } catch (LabException e) {
                if (last) {
                    throw e;
                }
            }
        }
    }

    private void planned(int runs) {
        try (Writer writer = Writer.start(lab)) {
            for (int run = 1; run <= runs; run++) {
                keeper.prepare();
                LabNode old = lab.virtualIpHolders().getFirst();
                Eventually.pause(BEFORE);
                long since = System.nanoTime();
                ProcessorTime before = ProcessorTime.now();
                keeper.switchOver();
                long withheld = ProcessorTime.now().withheldSince(before);
                writer.awaitProgress(WRITES_AGAIN);
                List<LabNode> holders = lab.virtualIpHolders();
                if (holders.size() != 1 || holders.contains(old)) {
                    throw new LabException("after the switchover from " + old + " the virtual IP is on " + holders);
                }
                Duration outage = writer.longestGap(since);
                // What is lost would show on the last primary too: every switchover begins with a healthy cluster.
                int missing = 0;
                if (run == runs) {
                    writer.close();
                    missing = writer.missingOn(holders.getFirst()).size();
                }
                say(new PeerOutage(outage.toMillis(), true, missing, withheld, writableInTheEnd()));
            }
        }
    }

    private static void say(PeerOutage outage) {
        System.out.println(outage.json());
        System.out.flush();
    }
}
