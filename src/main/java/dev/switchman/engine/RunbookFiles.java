package dev.switchman.engine;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.repository.Deployment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.ResourcePatternResolver;
import org.springframework.core.type.filter.AssignableTypeFilter;

import dev.switchman.runbook.Step;

/** Diagrams, tables and forms that a program brings, and the steps that they may name. */
final class RunbookFiles {

    private static final Logger LOG = LoggerFactory.getLogger(RunbookFiles.class);

    /** Patterns of the diagrams, tables and forms that this program brings. */
    static final String SHIPPED = "classpath*:/bpmn/*.bpmn,classpath*:/dmn/*.dmn,classpath*:/forms/*.form";

    private RunbookFiles() {}

    /** @return contents by file name with its ending */
    static Map<String, byte[]> brought(ResourcePatternResolver resources, Collection<String> patterns) {
        Map<String, byte[]> files = new TreeMap<>();
        for (String pattern : patterns) {
            try {
                for (Resource resource : resources.getResources(pattern.strip())) {
                    files.put(String.valueOf(resource.getFilename()), read(resource.getInputStream()));
                }
            } catch (FileNotFoundException e) {
                LOG.debug("nothing under {}", pattern, e);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + pattern, e);
            }
        }
        return files;
    }

    /** @return the newest version of each file in the store, by file name */
    static Map<String, byte[]> inForce(RepositoryService repository) {
        Map<String, byte[]> newest = new TreeMap<>();
        repository.createDeploymentQuery()
                .list()
                .stream()
                .sorted(Comparator.comparing(Deployment::getDeploymentTime))
                .forEach(deployment -> repository.getDeploymentResources(deployment.getId())
                        .forEach(resource -> newest.put(resource.getName(), read(
                                repository.getResourceAsStreamById(deployment.getId(), resource.getId())))));
        return newest;
    }

    static byte[] read(InputStream input) {
        try (input) {
            return input.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read a diagram", e);
        }
    }

    /** @return step classes by bean name, as they stand on the class path */
    static Map<String, Class<? extends Step>> steps() {
        var scanner = new ClassPathScanningCandidateComponentProvider(false);
        scanner.addIncludeFilter(new AssignableTypeFilter(Step.class));
        return scanner.findCandidateComponents("dev.switchman.runbook.step")
                .stream()
                .map(definition -> step(String.valueOf(definition.getBeanClassName())))
                .collect(Collectors.toMap(
                        type -> Character.toLowerCase(type.getSimpleName().charAt(0))
                                + type.getSimpleName().substring(1),
                        type -> type));
    }

    private static Class<? extends Step> step(String name) {
        try {
            return Class.forName(name).asSubclass(Step.class);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(name, e);
        }
    }
}
