package dev.switchman.topology;

/** How a connection to MySQL is protected; the words of Connector/J's {@code sslMode}. */
public enum TlsMode {
    DISABLED, PREFERRED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY
}
