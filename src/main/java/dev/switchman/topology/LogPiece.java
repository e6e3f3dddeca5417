package dev.switchman.topology;

/**
 * A stretch of one binary log as it was copied into a file here.
 *
 * @param log name of the binary log without a directory
 * @param size of the whole log in bytes
 * @param from where in the log the stretch begins
 * @param length of the stretch in bytes
 * @param at where in the copy it begins
 */
public record LogPiece(String log, long size, long from, long length, long at) {}
