package dev.switchman.config;

import java.util.Optional;

/**
 * One key of the configuration.
 *
 * @param path below its section, such as {@code detection.interval}
 * @param fallback the default as it would stand in the file; empty: there is none
 * @param required whether a cluster cannot do without it
 */
record Key<T>(String path, Type<T> type, Optional<String> fallback, boolean required) {

    static <T> Key<T> required(String path, Type<T> type) {
        return new Key<>(path, type, Optional.empty(), true);
    }

    static <T> Key<T> optional(String path, Type<T> type) {
        return new Key<>(path, type, Optional.empty(), false);
    }

    static <T> Key<T> fallback(String path, String fallback, Type<T> type) {
        return new Key<>(path, type, Optional.of(fallback), false);
    }
}
