package dev.switchman.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

/** A folder with a configuration and the files that it refers to. */
record ConfigurationFolder(Path path) {

    static ConfigurationFolder in(Path path) throws IOException {
        ConfigurationFolder folder = new ConfigurationFolder(path);
        folder.file("secret", "from-file\n", "rw-------");
        folder.file("key", "a private key\n", "rw-------");
        folder.file("known_hosts", "", "rw-r--r--");
        folder.file("hook", "#!/bin/sh\n", "rwxr-xr-x");
        return folder;
    }

    Path file(String name, String content, String permissions) throws IOException {
        Path file = path.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        return file;
    }

    Inventory.Reading read(String yaml) throws IOException {
        return read(yaml, Map.of("DB_PASSWORD", "from-environment", "EMPTY", "", "REGION", "west"));
    }

    Inventory.Reading read(String yaml, Map<String, String> environment) throws IOException {
        return Inventory.read(file("switchman.yaml", yaml, "rw-r--r--"), path.resolve("home"), environment);
    }

    /** @return problems as printed, without the folder, so that they begin with {@code switchman.yaml:} */
    List<String> problems(String yaml) throws IOException {
        return switch (read(yaml)) {
            case Inventory.Loaded loaded -> throw new AssertionError("was loaded: " + loaded);
            case Inventory.Invalid invalid -> shown(invalid.problems());
        };
    }

    Inventory.Loaded loaded(String yaml) throws IOException {
        return switch (read(yaml)) {
            case Inventory.Loaded loaded -> loaded;
            case Inventory.Invalid invalid -> throw new AssertionError(String.join("\n", shown(invalid.problems())));
        };
    }

    List<String> shown(List<Problem> problems) {
        return problems.stream().map(problem -> problem.toString().replace(path + "/", "")).toList();
    }
}
