package dev.switchman.topology;

/** Whether a server may become the primary. */
public enum PromotionRole {
    PREFERRED, ALLOWED, NEVER
}
