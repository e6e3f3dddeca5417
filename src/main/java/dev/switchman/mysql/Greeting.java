package dev.switchman.mysql;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

import dev.switchman.topology.NodeId;
import dev.switchman.topology.ServerVersion;

/** What a server says before anybody logs in, and before TLS: a packet that begins with the protocol and the version. */
final class Greeting {

    private static final int PROTOCOL = 10;
    private static final int LONGEST = 60;

    private Greeting() {}

    /** @return the version; empty when the server did not tell within this time. It counts a connection that was broken off */
    static Optional<ServerVersion> version(NodeId node, Duration deadline) {
        int millis = (int) Math.clamp(deadline.toMillis(), 1, Integer.MAX_VALUE);
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(node.host().name(), node.port()), millis);
            socket.setSoTimeout(millis);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            in.readInt();
            if (in.readUnsignedByte() != PROTOCOL) {
                return Optional.empty();
            }
            byte[] text = new byte[LONGEST];
            int length = 0;
            for (int next = in.readUnsignedByte(); next != 0 && length < LONGEST; next = in.readUnsignedByte()) {
                text[length++] = (byte) next;
            }
            return Optional.of(ServerVersion.parse(new String(text, 0, length, StandardCharsets.US_ASCII)));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
