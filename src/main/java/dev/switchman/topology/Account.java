package dev.switchman.topology;

/** A MySQL account: user name and password. */
public record Account(String user, Secret password) {}
