package dev.switchman.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import javax.sql.DataSource;

import org.camunda.bpm.dmn.engine.impl.DefaultDmnEngineConfiguration;
import org.camunda.bpm.dmn.feel.impl.scala.ScalaFeelEngineFactory;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.ProcessEngineConfiguration;
import org.camunda.bpm.engine.impl.bpmn.parser.BpmnParse;
import org.camunda.bpm.engine.impl.bpmn.parser.BpmnParseListener;
import org.camunda.bpm.engine.impl.bpmn.parser.BpmnParser;
import org.camunda.bpm.engine.impl.cfg.AbstractProcessEnginePlugin;
import org.camunda.bpm.engine.impl.cfg.BpmnParseFactory;
import org.camunda.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.camunda.bpm.engine.impl.el.JuelExpressionManager;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

import dev.switchman.runbook.Step;

/**
 * What the engine may not be left to choose by itself, beyond {@code application.yaml}: which beans a diagram sees (steps
 * only), what a diagram may hold, how passwords are kept, whose jobs come first, and whose locks are given back.
 */
@Component
@Order(Ordered.LOWEST_PRECEDENCE)
class EngineSettings extends AbstractProcessEnginePlugin {

    private final ListableBeanFactory beans;
    private final StepRoom room;
    private final RunLifecycle lifecycle;
    private final QuestionHooks questions;
    private final DeadLocks deadLocks;
    private final DataSource store;
    private final boolean lint;

    EngineSettings(ListableBeanFactory beans, StepRoom room, RunLifecycle lifecycle, QuestionHooks questions,
            DeadLocks deadLocks,
            DataSource store, @Value("${switchman.lint}") boolean lint) {
        this.beans = beans;
        this.room = room;
        this.lifecycle = lifecycle;
        this.questions = questions;
        this.deadLocks = deadLocks;
        this.store = store;
        this.lint = lint;
    }

    @Override
    public void preInit(ProcessEngineConfigurationImpl engine) {
        Map<Object, Object> delegates = new LinkedHashMap<>();
        String[] steps = beans.getBeanNamesForType(Step.class, false, false);
        for (String name : steps) {
            delegates.put(name, new StepDelegate(name, () -> beans.getBean(name, Step.class), room));
        }
        // Set as beans they would come too late: the expression manager already has the whole application context.
        engine.setExpressionManager(new JuelExpressionManager(delegates));
        engine.setBpmnParseFactory(new GatedParse(Set.of(steps)));
        List<BpmnParseListener> listeners = new ArrayList<>(
                engine.getCustomPostBPMNParseListeners() == null
                        ? List.of()
                        : engine.getCustomPostBPMNParseListeners());
        listeners.add(new RunHooks(lifecycle, questions));
        engine.setCustomPostBPMNParseListeners(listeners);

        if (lint) {
            engine.setCustomPreDeployers(List.of(new DeploymentGate()));
        }
        engine.setDataSource(store);
        engine.setHistory(ProcessEngineConfiguration.HISTORY_FULL);
        engine.setJobPriorityProvider(new RunbookPriority());
        engine.setJobExecutorAcquireByPriority(true);
        engine.setPasswordEncryptor(new Bcrypt());
        engine.setEnableExpressionsInAdhocQueries(false);
        engine.setEnableExpressionsInStoredQueries(false);
        engine.setJavaSerializationFormatEnabled(false);
        engine.setEnableFetchScriptEngineFromProcessApplication(false);
        engine.setAdminGroups(new ArrayList<>(List.of("admin")));
        engine.setSkipHistoryOptimisticLockingExceptions(true);

        DefaultDmnEngineConfiguration tables = new DefaultDmnEngineConfiguration();
        tables.setFeelEngineFactory(() -> new PlainFeel(new ScalaFeelEngineFactory().createInstance()));
        engine.setDmnEngineConfiguration(tables);
    }

    @Override
    public void postProcessEngineBuild(ProcessEngine engine) {
        deadLocks.giveBack();
    }

    private record GatedParse(Set<String> steps) implements BpmnParseFactory {
        @Override
        public BpmnParse createBpmnParse(BpmnParser parser) {
            return new DiagramGate(parser, steps);
        }
    }
}
