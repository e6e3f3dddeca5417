package dev.switchman.config;

/**
 * Settings of the server program itself: {@code switchman.server}.
 *
 * @param address host name or IP address that the HTTP server binds to
 * @param port TCP port of the HTTP server
 * @param adminUser name of the user that is made at first start
 */
public record ServerSettings(String address, int port, String adminUser) {}
