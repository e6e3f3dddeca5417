package dev.switchman.ssh;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.switchman.topology.Disk;
import dev.switchman.topology.HostView.Ending;
import dev.switchman.topology.HostView.Unit;

/** What a script told, in lines of {@code key=value}. Other lines are left out; a key that is missing reads as empty. */
final class Report {

    private static final Pattern FILE_SYSTEM = Pattern.compile("(\\d+) (\\d+) (\\d+|-) (ro|rw) (.+)");
    /** Less is as good as nothing: the next event of a binary log may need more. */
    private static final long NO_ROOM_KIB = 1024;

    private final Map<String, String> values = new HashMap<>();
    private final List<String> addresses = new ArrayList<>();

    static Report read(String output) {
        Report report = new Report();
        output.lines().forEach(line -> {
            int equals = line.indexOf('=');
            if (equals < 1) {
                return;
            }
            String key = line.substring(0, equals);
            String value = line.substring(equals + 1);
            if (key.equals("address")) {
                report.addresses.add(value);
            } else {
                report.values.put(key, value);
            }
        });
        return report;
    }

    String text(String key) {
        return values.getOrDefault(key, "");
    }

    boolean has(String key) {
        return !text(key).isEmpty();
    }

    /** @return the keys that start so, without that start */
    Map<String, String> startingWith(String start) {
        Map<String, String> found = new TreeMap<>();
        values.forEach((key, value) -> {
            if (key.startsWith(start)) {
                found.put(key.substring(start.length()), value);
            }
        });
        return found;
    }

    List<String> addresses() {
        return List.copyOf(addresses);
    }

    /** @return whether the script came as far as everything but the disk */
    boolean complete() {
        return has("looked");
    }

    /** A process that cannot be told to be another node's counts as running: to call a live server dead is the worse mistake. */
    boolean mysqld() {
        return has("mine") || has("unsure");
    }

    boolean listening() {
        return text("listening").equals("yes");
    }

    boolean hasUnit() {
        return has("load") && !text("load").equals("not-found");
    }

    Unit unit() {
        if (!hasUnit()) {
            return Unit.NONE;
        }
        if (text("load").equals("masked")) {
            return Unit.MASKED;
        }
        return switch (text("active")) {
            case "active", "reloading", "refreshing" -> Unit.ACTIVE;
            case "inactive" -> Unit.INACTIVE;
            case "failed" -> Unit.FAILED;
            default -> Unit.CHANGING;
        };
    }

    /**
     * Where a unit supervises mysqld its result tells the ending: with {@code RuntimeDirectory=} the pid file is gone after
     * {@code kill -9} too. Elsewhere the pid file does, if it was seen to hold the process's pid in this life of the host; one
     * that was never seen is believed when it is left behind, and a missing one tells nothing.
     */
    Ending ending() {
        if (mysqld()) {
            return Ending.RUNNING;
        }
        if (hasUnit() && has("once_started") && !text("once_started").equals("0")) {
            return switch (text("result")) {
                case "signal", "core-dump", "oom-kill", "watchdog", "timeout" -> Ending.KILLED;
                case "success" -> Ending.CLEAN;
                default -> Ending.UNKNOWN;
            };
        }
        if (has("safe")) {
            // mysqld_safe removes the pid file of a server that was killed before it starts the next one.
            return Ending.UNKNOWN;
        }
        return switch (text("left")) {
            case "left", "stale" -> Ending.KILLED;
            case "gone" -> Ending.CLEAN;
            default -> Ending.UNKNOWN;
        };
    }

    /** The worst of the file systems that were told, each as {@code used% KiB-available inodes-used% rw|ro mount-point}. */
    Disk disk() {
        Disk worst = Disk.UNKNOWN;
        for (String told : startingWith("disk_").values()) {
            Matcher parts = FILE_SYSTEM.matcher(told);
            if (parts.matches()) {
                Disk disk = disk(Integer.parseInt(parts.group(1)), Long.parseLong(parts.group(2)),
                        parts.group(3).equals("-") ? 0 : Integer.parseInt(parts.group(3)), parts.group(4).equals("ro"),
                        parts.group(5));
                boolean worse = disk.state().compareTo(worst.state()) > 0
                        || disk.state() == worst.state() && disk.usedPercent() > worst.usedPercent();
                worst = worse ? disk : worst;
            }
        }
        return has("stuck") && worst.state().compareTo(Disk.State.STALLED) < 0
                ? new Disk(Disk.State.STALLED, worst.usedPercent(),
                        text("stuck") + " threads of mysqld wait for the disk without end; " + worst.detail())
                : worst;
    }

    private static Disk disk(int used, long available, int inodes, boolean readOnly, String mount) {
        String detail = mount + (readOnly ? " is mounted read-only, " : " has ") + available + " KiB free, " + used
                + " % used, " + inodes + " % of its inodes";
        Disk.State state = readOnly
                ? Disk.State.READ_ONLY
                : available < NO_ROOM_KIB || inodes >= 100 ? Disk.State.FULL : Disk.State.WORKING;
        return new Disk(state, Math.max(used, inodes), detail);
    }
}
