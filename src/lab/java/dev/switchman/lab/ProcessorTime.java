package dev.switchman.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How much processor time this machine has had since its start. What its host withheld, where it is a virtual one, is the
 * {@code steal} of proc(5): a figure that was taken while much was withheld says little about the program.
 *
 * @param had      in ticks, idle ones left out
 * @param withheld in ticks: was wanted and not given
 */
record ProcessorTime(long had, long withheld) {

    private static final Path STAT = Path.of("/proc/stat");
    private static final int IDLE = 3;
    private static final int IO_WAIT = 4;
    private static final int STEAL = 7;

    static ProcessorTime now() {
        try {
            return parse(Files.readAllLines(STAT).getFirst());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param line {@code cpu  user nice system idle iowait irq softirq steal …} */
    static ProcessorTime parse(String line) {
        List<Long> ticks = List.of(line.strip().split(" +"))
                .stream()
                .skip(1)
                .limit(STEAL + 1L)
                .map(Long::valueOf)
                .toList();
        long all = ticks.stream().mapToLong(Long::longValue).sum();
        return new ProcessorTime(all - ticks.get(IDLE) - ticks.get(IO_WAIT) - ticks.get(STEAL), ticks.get(STEAL));
    }

    /** @return of what was wanted since then, how much was withheld, in percent */
    long withheldSince(ProcessorTime then) {
        long missing = withheld - then.withheld;
        long wanted = had - then.had + missing;
        return wanted == 0 ? 0 : Math.round(100.0 * missing / wanted);
    }
}
