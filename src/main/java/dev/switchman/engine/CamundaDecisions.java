package dev.switchman.engine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import org.camunda.bpm.dmn.engine.DmnDecisionResult;
import org.camunda.bpm.dmn.engine.DmnDecisionResultEntries;
import org.camunda.bpm.dmn.engine.impl.DmnDecisionTableImpl;
import org.camunda.bpm.dmn.engine.impl.DmnDecisionTableInputImpl;
import org.camunda.bpm.dmn.engine.impl.DmnDecisionTableRuleImpl;
import org.camunda.bpm.dmn.engine.impl.DmnExpressionImpl;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.exception.NotFoundException;
import org.camunda.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.dmn.entity.repository.DecisionDefinitionEntity;
import org.camunda.bpm.engine.impl.util.DecisionEvaluationUtil;
import org.camunda.bpm.engine.repository.DecisionDefinition;
import org.camunda.bpm.engine.variable.VariableMap;
import org.camunda.bpm.engine.variable.Variables;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

import dev.switchman.runbook.Decisions;

/**
 * Evaluates the newest version of a table inside the execution of the step that asks, so that its history stands under that
 * box. Not as a command of its own: a command that throws would doom the step's transaction, and with it the drawn path.
 */
@Component
class CamundaDecisions implements Decisions {

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final List<Class<?>> TYPES = List.of(String.class, Boolean.class, Integer.class, Long.class);

    private final ProcessEngine engine;

    /** @param engine lazily: it is built with the steps, which ask this */
    CamundaDecisions(@Lazy ProcessEngine engine) {
        this.engine = engine;
    }

    @Override
    public Map<String, Object> decide(String table, Map<String, Object> facts) {
        if (Context.getCommandContext() == null || Context.getCoreExecutionContext() == null) {
            throw new IllegalStateException(
                    "table " + table + " can be asked by a step only, on the thread that it was started on");
        }
        return answer(table, facts);
    }

    @Override
    public Map<String, Object> look(String table, Map<String, Object> facts) {
        return ((ProcessEngineConfigurationImpl) engine.getProcessEngineConfiguration()).getCommandExecutorTxRequired()
                .execute(command -> answer(table, facts));
    }

    private static Map<String, Object> answer(String table, Map<String, Object> facts) {
        DecisionDefinition definition = find(table);
        check(definition, facts);
        VariableMap variables = Variables.createVariables();
        facts.forEach(variables::putValue);
        DmnDecisionResult rows = evaluate(definition, variables);
        if (rows.size() != 1) {
            throw new IllegalArgumentException(
                    "table " + table + " has " + rows.size() + " rows for " + facts + "; it must have one");
        }
        DmnDecisionResultEntries row = rows.getFirstResult();
        return new LinkedHashMap<>(row.getEntryMap());
    }

    private static DecisionDefinition find(String table) {
        try {
            return Context.getProcessEngineConfiguration()
                    .getDeploymentCache()
                    .findDeployedLatestDecisionDefinitionByKey(table);
        } catch (NotFoundException e) {
            throw new IllegalArgumentException("no decision table " + table + " is deployed", e);
        }
    }

    /** The engine takes a missing input for null and goes on to the catch-all row. */
    private static void check(DecisionDefinition definition, Map<String, Object> facts) {
        String table = definition.getKey();
        if (!(((DecisionDefinitionEntity) definition).getDecisionLogic() instanceof DmnDecisionTableImpl logic)) {
            throw new IllegalArgumentException("decision " + table + " is not a table");
        }
        Set<String> missing = new TreeSet<>();
        for (DmnDecisionTableInputImpl input : logic.getInputs()) {
            String name = input.getExpression().getExpression();
            if (name == null || !NAME.matcher(name.strip()).matches()) {
                throw new IllegalArgumentException(
                        "table " + table + ": input " + input.getName() + " must be the name of one fact, and is: "
                                + name);
            }
            feel(table, input.getExpression());
            if (facts.get(name.strip()) == null) {
                missing.add(name.strip());
            }
        }
        for (DmnDecisionTableRuleImpl rule : logic.getRules()) {
            rule.getConditions().forEach(condition -> feel(table, condition));
            rule.getConclusions().forEach(conclusion -> feel(table, conclusion));
        }
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("table " + table + " lacks " + missing + "; given are " + facts);
        }
        facts.forEach((name, value) -> {
            if (TYPES.stream().noneMatch(type -> type.isInstance(value))) {
                throw new IllegalArgumentException(
                        "table " + table + ": fact " + name + " is a " + value.getClass().getName());
            }
        });
    }

    /** Any other language could run more than a comparison. */
    private static void feel(String table, DmnExpressionImpl expression) {
        @Nullable
        String language = expression.getExpressionLanguage();
        if (language != null && !language.isBlank() && !language.toLowerCase(Locale.ROOT).contains("feel")) {
            throw new IllegalArgumentException(
                    "table " + table + " holds an expression in " + language + "; only FEEL is allowed");
        }
    }

    private static DmnDecisionResult evaluate(DecisionDefinition definition, VariableMap variables) {
        try {
            return DecisionEvaluationUtil.evaluateDecision(definition, variables);
        } catch (Exception e) {
            throw new IllegalArgumentException(
                    "table " + definition.getKey() + " cannot be evaluated for " + variables + ": "
                            + Text.of(e),
                    e);
        }
    }
}
