package dev.switchman.engine;

import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.ProcessEngines;
import org.camunda.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/**
 * Takes a rehearsal's engine off the lists that Cockpit and the engine's REST interface read, and starts its jobs: it runs,
 * and nobody sees it.
 */
@Component
@ConditionalOnProperty("switchman.hidden-engine")
class Hidden implements SmartInitializingSingleton {

    private final ProcessEngine engine;

    Hidden(ProcessEngine engine) {
        this.engine = engine;
    }

    @Override
    public void afterSingletonsInstantiated() {
        ProcessEngines.unregister(engine);
        // Where there is no Spring Boot application, nobody says that it has started.
        ((ProcessEngineConfigurationImpl) engine.getProcessEngineConfiguration()).getJobExecutor().start();
    }
}
