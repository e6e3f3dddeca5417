package dev.switchman.engine;

import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.repository.DeploymentBuilder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.io.support.ResourcePatternResolver;
import org.springframework.stereotype.Component;

/**
 * Puts the program's diagrams, tables and forms into an empty store. Into any other it puts nothing: what runs there was
 * approved by someone; a later program only says what it would bring. A diagram that is refused stops the program here.
 */
@Component
class Deployment implements SmartInitializingSingleton {

    private static final Logger LOG = LoggerFactory.getLogger(Deployment.class);
    private static final String NAME = "switchman";

    private final RepositoryService repository;
    private final ResourcePatternResolver resources;
    private final List<String> patterns;
    private final RunLifecycle lifecycle;

    Deployment(RepositoryService repository, ResourcePatternResolver resources,
            @Value("${switchman.deploy:" + RunbookFiles.SHIPPED + "}") List<String> patterns,
            RunLifecycle lifecycle) {
        this.repository = repository;
        this.resources = resources;
        this.patterns = List.copyOf(patterns);
        this.lifecycle = lifecycle;
    }

    @Override
    public void afterSingletonsInstantiated() {
        deploy();
        lifecycle.reconcile();
    }

    void deploy() {
        Map<String, byte[]> brought = RunbookFiles.brought(resources, patterns);
        if (repository.createDeploymentQuery().count() > 0) {
            List<String> different = different(brought);
            if (!different.isEmpty()) {
                LOG.warn("this program brings other versions of {}; the store's own stay in use", different);
            }
        } else if (brought.isEmpty()) {
            LOG.warn("no diagrams found under {}", patterns);
        } else {
            DeploymentBuilder deployment = repository.createDeployment().name(NAME);
            brought.forEach((name, bytes) -> deployment.addInputStream(name, new ByteArrayInputStream(bytes)));
            deployment.deploy();
            LOG.info("deployed {}", brought.keySet());
        }
    }

    /** @return names of the files whose newest deployed version differs, or that the store does not have */
    List<String> different(Map<String, byte[]> brought) {
        Map<String, byte[]> newest = RunbookFiles.inForce(repository);
        return brought.entrySet()
                .stream()
                .filter(file -> {
                    byte @Nullable [] stored = newest.get(file.getKey());
                    return stored == null || !Arrays.equals(stored, file.getValue());
                })
                .map(Map.Entry::getKey)
                .collect(Collectors.toList());
    }
}
