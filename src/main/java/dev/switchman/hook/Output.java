package dev.switchman.hook;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Reads all that a program prints, so that it never waits for us, and keeps the beginning of it. */
final class Output {

    static final int KEPT = 8 * 1024;

    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final Thread reader;
    private long dropped;

    private Output(InputStream stream) {
        // A platform thread: reading a pipe would pin the carrier of a virtual one.
        reader = Thread.ofPlatform().daemon().name("hook output").unstarted(() -> read(stream));
    }

    static Output of(Process process) {
        Output output = new Output(process.getInputStream());
        output.reader.start();
        return output;
    }

    private void read(InputStream stream) {
        byte[] buffer = new byte[8 * 1024];
        try (stream) {
            for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
                keep(buffer, count);
            }
        } catch (IOException e) {
            byte[] why = ("\n(its output could not be read further: " + e.getMessage() + ")")
                    .getBytes(StandardCharsets.UTF_8);
            keep(why, why.length);
        }
    }

    private synchronized void keep(byte[] bytes, int count) {
        int room = Math.max(0, Math.min(count, KEPT - kept.size()));
        kept.write(bytes, 0, room);
        dropped += count - room;
    }

    /** @return what came until now; what is still on its way is waited for so long. A grandchild may hold the pipe open. */
    String text(Duration wait) {
        try {
            reader.join(wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            String text = kept.toString(StandardCharsets.UTF_8).strip();
            return dropped == 0 ? text : text + "\n(" + dropped + " bytes more)";
        }
    }
}
