package dev.switchman.engine;

import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.camunda.bpm.engine.impl.persistence.deploy.cache.DeploymentCache;
import org.camunda.bpm.engine.spring.SpringProcessEngineConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Reads all deployed diagrams and decision tables right after the start, in the background. The engine reads each when it is
 * first used, which would be in the middle of a failover.
 */
@Component
class ReadAhead implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(ReadAhead.class);

    private final RepositoryService repository;
    private final SpringProcessEngineConfiguration engine;
    private volatile boolean running;
    private Thread thread = new Thread();

    ReadAhead(RepositoryService repository, SpringProcessEngineConfiguration engine) {
        this.repository = repository;
        this.engine = engine;
    }

    @Override
    public void start() {
        running = true;
        thread = Thread.ofPlatform().name("read-ahead").daemon().start(this::read);
    }

    private void read() {
        try {
            engine.getCommandExecutorTxRequired().execute(commands -> {
                all(commands.getProcessEngineConfiguration());
                return true;
            });
        } catch (RuntimeException e) {
            if (running) {
                LOG.warn("not all diagrams and tables could be read ahead; they are read when they are used: {}",
                        Text.of(e));
            }
        }
    }

    private void all(ProcessEngineConfigurationImpl configuration) {
        DeploymentCache cache = configuration.getDeploymentCache();
        repository.createDecisionDefinitionQuery()
                .latestVersion()
                .list()
                .forEach(table -> cache.findDeployedLatestDecisionDefinitionByKey(table.getKey()));
        repository.createProcessDefinitionQuery()
                .latestVersion()
                .list()
                .forEach(diagram -> cache.findDeployedLatestProcessDefinitionByKey(diagram.getKey()));
    }

    /** Waits for its end: it uses the store. */
    @Override
    public void stop() {
        running = false;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
