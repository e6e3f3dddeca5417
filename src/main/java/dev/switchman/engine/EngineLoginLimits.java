package dev.switchman.engine;

import org.camunda.bpm.engine.impl.cfg.AbstractProcessEnginePlugin;
import org.camunda.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.springframework.stereotype.Component;

/**
 * Switches off the engine's own lock on logins: it counts wrong passwords by name alone and locks for good after ten, so
 * that anyone who reaches the login page could lock out the administrator. What guesses is braked in front of the engine,
 * by name and address.
 */
@Component
class EngineLoginLimits extends AbstractProcessEnginePlugin {

    @Override
    public void preInit(ProcessEngineConfigurationImpl engine) {
        engine.setLoginMaxAttempts(Integer.MAX_VALUE);
        engine.setLoginDelayBase(0);
        engine.setLoginDelayMaxTime(0);
    }
}
