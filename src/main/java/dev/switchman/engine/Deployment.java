package dev.switchman.engine;

import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.camunda.bpm.engine.BadUserRequestException;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.repository.DeploymentBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

import dev.switchman.runbook.Deployments;

/**
 * Puts the program's diagrams, tables and forms into an empty store, and later those that the store has never had. It
 * replaces none: what runs there was approved by someone; a later program only says what it would bring. A diagram that is
 * refused in an empty store stops the program here.
 */
@Component
class Deployment implements SmartInitializingSingleton {

    private static final Logger LOG = LoggerFactory.getLogger(Deployment.class);

    private final RepositoryService repository;
    private final Shipped shipped;
    private final Deployments deployments;
    private final RunLifecycle lifecycle;
    private final boolean lint;

    Deployment(RepositoryService repository, Shipped shipped, Deployments deployments, RunLifecycle lifecycle,
            @Value("${switchman.lint}") boolean lint) {
        this.repository = repository;
        this.shipped = shipped;
        this.deployments = deployments;
        this.lifecycle = lifecycle;
        this.lint = lint;
    }

    @Override
    public void afterSingletonsInstantiated() {
        deploy();
        lifecycle.reconcile();
    }

    void deploy() {
        if (repository.createDeploymentQuery().count() > 0) {
            beside(RunbookFiles.inForce(repository));
        } else if (shipped.files().isEmpty()) {
            LOG.warn("no diagrams found under {}", shipped.patterns());
        } else {
            deploy(shipped.files());
        }
    }

    private void deploy(Map<String, byte[]> files) {
        DeploymentBuilder deployment = repository.createDeployment().name(CamundaDeployments.PROGRAM);
        files.forEach((name, bytes) -> deployment.addInputStream(name, new ByteArrayInputStream(bytes)));
        deployment.deploy();
        LOG.info("deployed {}", files.keySet());
    }

    private void beside(Map<String, byte[]> inForce) {
        Map<String, byte[]> missing = new TreeMap<>(shipped.files());
        missing.keySet().removeAll(inForce.keySet());
        if (!missing.isEmpty()) {
            try {
                deploy(missing);
            } catch (BadUserRequestException e) {
                LOG.error("{} could not be put beside what is in force: {}", missing.keySet(), e.getMessage());
            }
        }
        List<String> offered = deployments.offered();
        if (offered.isEmpty()) {
            return;
        }
        LOG.warn("this program brings other versions of {}; the store's own stay in force. See what they would change:"
                + " switchman deploy --shipped NAME --dry-run", offered);
        if (lint) {
            // Steps may do other things than those that these were drawn for.
            List<String> problems = RunbookLint.ofThisProgram().problems(Map.of(), inForce);
            problems.forEach(problem -> LOG.error("in force, and against the rules of this program: {}", problem));
        }
    }
}
