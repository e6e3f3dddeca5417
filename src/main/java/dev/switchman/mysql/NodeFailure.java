package dev.switchman.mysql;

import java.io.EOFException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import javax.net.ssl.SSLHandshakeException;

import dev.switchman.topology.Failure;

/** A call to a server that got no result, sorted by what that says of the server. Never leaves this room. */
final class NodeFailure extends Exception {

    private static final long serialVersionUID = 1;

    static final int SHUTDOWN = 1053;

    private final transient Failure failure;

    NodeFailure(Failure failure) {
        super(failure.sentence(), null, false, false);
        this.failure = failure;
    }

    Failure failure() {
        return failure;
    }

    /** @return the server's error number, 0 when it sent none */
    int errno() {
        return failure instanceof Failure.ErrorPacket packet ? packet.errno() : 0;
    }

    /**
     * Sorts what the driver threw. Connector/J gives the error number of a packet as vendor code, and 0 to what it makes up
     * itself; the cause chain then holds what the socket said.
     *
     * @param after time spent, for silence
     */
    static NodeFailure of(Throwable thrown, Duration after) {
        List<Throwable> chain = new ArrayList<>();
        for (Throwable t = thrown; t != null && chain.size() < 16; t = t.getCause()) {
            chain.add(t);
        }
        for (Throwable t : chain) {
            if (t instanceof SQLException sql && sql.getErrorCode() > 0) {
                return new NodeFailure(sql.getErrorCode() == SHUTDOWN
                        ? new Failure.ShuttingDown()
                        : new Failure.ErrorPacket(sql.getErrorCode(), text(sql)));
            }
        }
        return new NodeFailure(ofSocket(chain, after));
    }

    private static Failure ofSocket(List<Throwable> chain, Duration after) {
        for (Throwable t : chain.reversed()) {
            String text = text(t);
            switch (t) {
                case SocketTimeoutException timeout -> {
                    return new Failure.TimedOut(after, text(timeout));
                }
                case UnknownHostException unknown -> {
                    return new Failure.Unclear("unknown host " + text(unknown));
                }
                case SSLHandshakeException tls -> {
                    return new Failure.Unclear("TLS: " + text(tls));
                }
                case NoRouteToHostException noRoute -> {
                    return new Failure.TimedOut(after, text(noRoute));
                }
                // The JDK has one class for ECONNREFUSED and ETIMEDOUT, and none for ENETUNREACH.
                case ConnectException connect -> {
                    return text.contains("timed out") ? new Failure.TimedOut(after, text) : new Failure.Refused(text);
                }
                case SocketException socket -> {
                    return text.contains("unreachable") || text.contains("No route")
                            ? new Failure.TimedOut(after, text)
                            : insideHandshake(chain)
                                    ? new Failure.Unclear("TLS: " + text)
                                    : new Failure.Broken(text);
                }
                case EOFException eof -> {
                    return insideHandshake(chain)
                            ? new Failure.Unclear("TLS: " + text(eof))
                            : new Failure.Broken("closed by the server");
                }
                default -> {
                }
            }
        }
        return new Failure.Unclear(text(chain.getFirst()));
    }

    private static boolean insideHandshake(List<Throwable> chain) {
        return chain.stream().anyMatch(SSLHandshakeException.class::isInstance);
    }

    private static String text(Throwable t) {
        String message = t.getMessage();
        if (message == null || message.isBlank()) {
            return t.getClass().getSimpleName();
        }
        return message.lines().map(String::strip).filter(line -> !line.isEmpty()).findFirst().orElse("").strip();
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "NodeFailure[%s]", failure);
    }
}
