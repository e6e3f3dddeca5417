package dev.switchman.engine;

import java.util.Map;
import java.util.TreeMap;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.io.support.ResourcePatternResolver;
import org.springframework.stereotype.Component;

import dev.switchman.topology.Sha256;

/** The diagrams, tables and forms that this program brings. */
@Component
class Shipped {

    private final Map<String, byte[]> files;
    private final Map<String, String> checksums = new TreeMap<>();
    private final String patterns;

    Shipped(ResourcePatternResolver resources,
            @Value("${switchman.deploy:" + RunbookFiles.SHIPPED + "}") java.util.List<String> patterns) {
        this.files = new TreeMap<>(RunbookFiles.brought(resources, patterns));
        this.patterns = String.join(", ", patterns);
        files.forEach((name, content) -> checksums.put(name, Sha256.of(content)));
    }

    /** @return contents by file name */
    Map<String, byte[]> files() {
        return files;
    }

    /** @return where they were looked for */
    String patterns() {
        return patterns;
    }

    /** @return whether this is, to the byte, what the program brings under this name */
    boolean same(String name, String checksum) {
        return checksum.equals(checksums.get(name));
    }
}
