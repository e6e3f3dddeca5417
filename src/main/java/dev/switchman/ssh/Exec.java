package dev.switchman.ssh;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

import org.apache.sshd.client.channel.ChannelExec;
import org.jspecify.annotations.Nullable;

/** One command on an open session. Knows whether the command has left, and can be kept from leaving. */
final class Exec extends ChannelExec {

    private static final int OUTPUT_LIMIT = 64 * 1024;

    private enum Way {
        WAITING, SENT, CANCELLED
    }

    private final AtomicReference<Way> way = new AtomicReference<>(Way.WAITING);
    private final Output output = new Output();
    private final CompletableFuture<Exec> ended = new CompletableFuture<>();

    /** @param command for the login shell of the remote user */
    Exec(String command) {
        super(command, StandardCharsets.UTF_8, null, Map.of());
        setOut(output);
        setErr(output);
        addCloseFutureListener(closed -> ended.complete(this));
    }

    /** @param input sent to the command, then its end @param target gets standard output whole, on the client's own threads */
    Exec(String command, InputStream input, OutputStream target) {
        super(command, StandardCharsets.UTF_8, null, Map.of());
        setIn(input);
        setOut(target);
        setErr(output);
        addCloseFutureListener(closed -> ended.complete(this));
    }

    /** Called when the server has opened the channel; sends the command. */
    @Override
    protected void doOpen() throws IOException {
        if (!way.compareAndSet(Way.WAITING, Way.SENT)) {
            throw new IOException("cancelled");
        }
        super.doOpen();
    }

    /** @return whether the command has been sent; if not, it never will be */
    boolean sentOrCancelled() {
        return !way.compareAndSet(Way.WAITING, Way.CANCELLED) && way.get() == Way.SENT;
    }

    /** Completes when the channel is closed, however it came to that. */
    CompletableFuture<Exec> ended() {
        return ended;
    }

    /** @return standard output and error as they came, capped at 64 KiB */
    String output() {
        return output.text();
    }

    /** @return exit status; 128 for a command that a signal ended; null when the connection broke before the end */
    @Nullable
    Integer status() {
        Integer status = getExitStatus();
        return status == null && getExitSignal() != null ? Integer.valueOf(128) : status;
    }

    /** Called on the client's own threads: keeps what fits and lets the rest pass, so that no command hangs on its output. */
    private static final class Output extends OutputStream {

        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

        @Override
        public synchronized void write(int value) {
            if (kept.size() < OUTPUT_LIMIT) {
                kept.write(value);
            }
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            kept.write(bytes, offset, Math.min(length, OUTPUT_LIMIT - kept.size()));
        }

        synchronized String text() {
            return kept.toString(StandardCharsets.UTF_8);
        }
    }
}
