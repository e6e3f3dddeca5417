package dev.switchman.mha;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A section of a file with what stands in it. */
record Section(String name, int line, Map<String, Setting> settings) {

    static final String DEFAULTS = "server default";

    Section(String name, int line) {
        this(name, line, new LinkedHashMap<>());
    }

    /** @return empty also when the value is */
    Optional<Setting> find(String parameter) {
        return Optional.ofNullable(settings.get(parameter)).filter(setting -> !setting.value().isEmpty());
    }

    boolean isServer() {
        return name.matches("server\\S+");
    }

    boolean isBinlogServer() {
        return name.matches("binlog\\S+");
    }

    /** @return the number of {@code server12}; empty for {@code server_db1} */
    Optional<Integer> number() {
        return name.matches("server\\d{1,9}") ? Optional.of(Integer.parseInt(name.substring(6))) : Optional.empty();
    }
}
