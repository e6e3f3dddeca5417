package dev.switchman.lab;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.EdECPrivateKey;
import java.util.Arrays;
import java.util.Base64;

/**
 * A new ed25519 key pair, written as OpenSSH does (PROTOCOL.key in its sources), without a phrase.
 *
 * @param privateKey text of the private key file
 * @param publicKey line for {@code authorized_keys}
 */
record SshKey(String privateKey, String publicKey) {

    private static final String KIND = "ssh-ed25519";
    private static final int KEY_LENGTH = 32;

    static SshKey generate(String comment) {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            byte[] seed = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
            // The X.509 form is a fixed head and then the key itself.
            byte[] encoded = pair.getPublic().getEncoded();
            byte[] point = Arrays.copyOfRange(encoded, encoded.length - KEY_LENGTH, encoded.length);
            byte[] publicBlob = blob(out -> {
                string(out, KIND);
                string(out, point);
            });
            return new SshKey(privateText(seed, point, publicBlob, comment),
                    KIND + " " + Base64.getEncoder().encodeToString(publicBlob) + " " + comment);
        } catch (GeneralSecurityException e) {
            throw new LabException("this Java makes no ed25519 key: " + e.getMessage(), e);
        }
    }

    private static String privateText(byte[] seed, byte[] point, byte[] publicBlob, String comment) {
        int check = new SecureRandom().nextInt();
        byte[] secret = blob(out -> {
            out.writeInt(check);
            out.writeInt(check);
            string(out, KIND);
            string(out, point);
            out.writeInt(2 * KEY_LENGTH);
            out.write(seed);
            out.write(point);
            string(out, comment);
            for (int pad = 1; out.size() % 8 != 0; pad++) {
                out.writeByte(pad);
            }
        });
        byte[] file = blob(out -> {
            out.write("openssh-key-v1\0".getBytes(StandardCharsets.US_ASCII));
            string(out, "none");
            string(out, "none");
            string(out, "");
            out.writeInt(1);
            string(out, publicBlob);
            string(out, secret);
        });
        String body = Base64.getMimeEncoder(70, new byte[]{'\n'}).encodeToString(file);
        return "-----BEGIN OPENSSH PRIVATE KEY-----\n" + body + "\n-----END OPENSSH PRIVATE KEY-----\n";
    }

    private interface Content {

        void writeTo(DataOutputStream out) throws IOException;
    }

    private static byte[] blob(Content content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            content.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void string(DataOutputStream out, String text) throws IOException {
        string(out, text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void string(DataOutputStream out, byte[] text) throws IOException {
        out.writeInt(text.length);
        out.write(text);
    }
}
