package dev.switchman.topology;

/** A place in a binary log. @param file its name without a directory @param offset bytes from its beginning */
public record LogPosition(String file, long offset) {}
