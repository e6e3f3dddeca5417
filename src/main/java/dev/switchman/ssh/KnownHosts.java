package dev.switchman.ssh;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;

/**
 * What an OpenSSH known_hosts file says of one host: names, patterns, {@code [name]:port}, hashed names, {@code @revoked}. A
 * line that cannot be read is skipped, as OpenSSH does. Certificate authorities are not supported.
 *
 * @param host as the file should name it, {@code db1} or {@code [db1]:2222}
 */
record KnownHosts(Path file, String host, List<PublicKey> trusted, List<PublicKey> revoked) {

    private static final int STANDARD_PORT = 22;

    /** @throws SshFailure when the file is missing or unreadable */
    static KnownHosts read(Path file, String host, int port) throws SshFailure {
        String written = port == STANDARD_PORT ? host : "[" + host + "]:" + port;
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw SshFailure.before(SshFailure.Kind.KNOWN_HOSTS_UNREADABLE,
                    "known-hosts file " + file + " does not exist");
        } catch (IOException e) {
            throw SshFailure.before(SshFailure.Kind.KNOWN_HOSTS_UNREADABLE,
                    "known-hosts file " + file + " cannot be read: " + e);
        }
        List<PublicKey> trusted = new ArrayList<>();
        List<PublicKey> revoked = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.strip().split("\\s+");
            boolean marked = words[0].startsWith("@");
            int first = marked ? 1 : 0;
            if (words[0].startsWith("#") || words.length < first + 3 || !matches(words[first], written)) {
                continue;
            }
            Optional<PublicKey> key = parse(words[first + 1], words[first + 2]);
            if (!marked) {
                key.ifPresent(trusted::add);
            } else if (words[0].equals("@revoked")) {
                key.ifPresent(revoked::add);
            }
        }
        return new KnownHosts(file, written, List.copyOf(trusted), List.copyOf(revoked));
    }

    private static boolean matches(String hosts, String written) {
        if (hosts.startsWith("|1|")) {
            return matchesHash(hosts, written);
        }
        boolean found = false;
        for (String pattern : hosts.split(",")) {
            boolean negated = pattern.startsWith("!");
            String text = negated ? pattern.substring(1) : pattern;
            String regex = text.chars()
                    .mapToObj(c -> c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(Character.toString(c)))
                    .collect(Collectors.joining());
            if (Pattern.compile(regex, Pattern.CASE_INSENSITIVE).matcher(written).matches()) {
                if (negated) {
                    return false;
                }
                found = true;
            }
        }
        return found;
    }

    /** {@code |1|salt|hash}, hash = HMAC-SHA1 of the name under the salt: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. */
    private static boolean matchesHash(String hashed, String written) {
        String[] parts = hashed.split("\\|");
        if (parts.length != 4) {
            return false;
        }
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(Base64.getDecoder().decode(parts[2]), "HmacSHA1"));
            byte[] hash = mac.doFinal(written.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
            return java.security.MessageDigest.isEqual(hash, Base64.getDecoder().decode(parts[3]));
        } catch (IllegalArgumentException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA1", e);
        }
    }

    private static Optional<PublicKey> parse(String type, String data) {
        try {
            return Optional.ofNullable(
                    PublicKeyEntry.parsePublicKeyEntry(type + " " + data).resolvePublicKey(null, null, null));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * Puts the algorithms of the keys that are known first, as OpenSSH does: a server offers one key only, and it must be the
     * one that stands in the file.
     */
    List<String> order(List<String> algorithms) {
        Set<String> ordered = new LinkedHashSet<>();
        for (PublicKey key : trusted) {
            String type = KeyUtils.getKeyType(key);
            algorithms.stream()
                    .filter(algorithm -> type.equals(KeyUtils.getCanonicalKeyType(algorithm)))
                    .forEach(ordered::add);
        }
        ordered.addAll(algorithms);
        return List.copyOf(ordered);
    }

    /** @return what is wrong with the key that the host showed; empty when it is the known one */
    Optional<SshFailure> objection(PublicKey shown) {
        String name = KeyUtils.getKeyType(shown) + " " + KeyUtils.getFingerPrint(shown);
        if (revoked.stream().anyMatch(key -> KeyUtils.compareKeys(key, shown))) {
            return Optional.of(SshFailure.before(SshFailure.Kind.CHANGED_HOST_KEY,
                    "host key of " + host + " is marked @revoked in " + file + ": " + name));
        }
        if (trusted.stream().anyMatch(key -> KeyUtils.compareKeys(key, shown))) {
            return Optional.empty();
        }
        if (trusted.isEmpty()) {
            return Optional.of(SshFailure.before(SshFailure.Kind.UNKNOWN_HOST_KEY,
                    "host key of " + host + " is not in " + file + ": the host shows " + name
                            + "; compare it on the host, then add it"));
        }
        String known = trusted.stream()
                .map(key -> KeyUtils.getKeyType(key) + " " + KeyUtils.getFingerPrint(key))
                .collect(Collectors.joining(", "));
        return Optional.of(SshFailure.before(SshFailure.Kind.CHANGED_HOST_KEY,
                "host key of " + host + " has changed: " + file + " has " + known + ", the host shows " + name
                        + "; reinstalled, or somebody in between"));
    }
}
