package dev.switchman.config;

import java.nio.file.Path;
import java.util.Map;

/**
 * What a configuration may refer to outside of its file.
 *
 * @param folder of the configuration file: relative paths start here
 * @param home what {@code ~} stands for
 */
record Surroundings(Path folder, Path home, Map<String, String> environment) {

    Path path(String text) {
        if (text.equals("~")) {
            return home;
        }
        return text.startsWith("~/") ? home.resolve(text.substring(2)) : folder.resolve(text).normalize();
    }
}
