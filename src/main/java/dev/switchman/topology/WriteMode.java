package dev.switchman.topology;

/** Who may write to a server. */
public enum WriteMode {
    WRITABLE,
    /** {@code read_only=1}: accounts with SUPER or CONNECTION_ADMIN still write. */
    READ_ONLY,
    /** {@code super_read_only=1}: nobody writes, but see rule on XA: a prepared transaction can still be committed. */
    SUPER_READ_ONLY
}
