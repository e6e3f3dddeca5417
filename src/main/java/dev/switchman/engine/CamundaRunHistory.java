package dev.switchman.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import org.camunda.bpm.engine.HistoryService;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.history.HistoricActivityInstance;
import org.camunda.bpm.engine.history.HistoricDecisionInstance;
import org.camunda.bpm.engine.history.HistoricProcessInstance;
import org.camunda.bpm.engine.repository.Deployment;
import org.camunda.bpm.engine.repository.ResourceDefinition;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

import dev.switchman.runbook.RunHistory;
import dev.switchman.runbook.RunId;
import dev.switchman.topology.Sha256;

/** Reads the engine's history of a run: the outermost instance, and those that it called. */
@Component
class CamundaRunHistory implements RunHistory {

    private final HistoryService history;
    private final RepositoryService repository;
    private final IdentityService identity;
    private final Questions questions;
    /** By definition; what is deployed never changes, and a page of a run asks every second. */
    private final Map<String, Version> versions = new ConcurrentHashMap<>();

    CamundaRunHistory(HistoryService history, RepositoryService repository, IdentityService identity,
            Questions questions) {
        this.history = history;
        this.repository = repository;
        this.identity = identity;
        this.questions = questions;
    }

    @Override
    public Optional<Trace> trace(RunId run) {
        List<Trace> found = new ArrayList<>();
        Signed.off(identity, () -> read(run).ifPresent(found::add));
        return found.stream().findFirst();
    }

    @Override
    public List<Asked> asked(RunId run) {
        return questions.all(run);
    }

    private Optional<Trace> read(RunId run) {
        HistoricProcessInstance root = history.createHistoricProcessInstanceQuery()
                .processInstanceId(run.value())
                .singleResult();
        if (root == null) {
            return Optional.empty();
        }
        List<Part> parts = new ArrayList<>();
        add(root, Optional.empty(), parts);
        List<Decided> decided = new ArrayList<>();
        for (Part part : parts) {
            history.createHistoricDecisionInstanceQuery()
                    .processInstanceId(part.instance())
                    .includeInputs()
                    .includeOutputs()
                    .disableCustomObjectDeserialization()
                    .orderByEvaluationTime()
                    .asc()
                    .list()
                    .forEach(decision -> decided.add(decided(decision, part.instance())));
        }
        decided.sort(Comparator.comparing(Decided::at));
        return Optional.of(new Trace(parts, decided));
    }

    private void add(HistoricProcessInstance instance, Optional<String> caller, List<Part> parts) {
        List<Visit> visits = history.createHistoricActivityInstanceQuery()
                .processInstanceId(instance.getId())
                .orderByHistoricActivityInstanceStartTime()
                .asc()
                .orderPartiallyByOccurrence()
                .asc()
                .list()
                .stream()
                .map(CamundaRunHistory::visit)
                .toList();
        Version diagram = versions.computeIfAbsent(instance.getProcessDefinitionId(), id -> version(
                repository.getProcessDefinition(id), repository.getProcessModel(id)));
        parts.add(new Part(instance.getId(), caller, diagram, visits));
        history.createHistoricProcessInstanceQuery()
                .superProcessInstanceId(instance.getId())
                .orderByProcessInstanceStartTime()
                .asc()
                .list()
                .forEach(called -> add(called, Optional.of(instance.getId()), parts));
    }

    private static Visit visit(HistoricActivityInstance visited) {
        @Nullable
        String label = visited.getActivityName();
        return new Visit(visited.getActivityId(),
                label == null || label.isBlank() ? visited.getActivityId() : label.replaceAll("\\s+", " "),
                visited.getStartTime().toInstant(),
                Optional.ofNullable(visited.getEndTime()).map(java.util.Date::toInstant), visited.isCanceled());
    }

    private Decided decided(HistoricDecisionInstance decision, String part) {
        Map<String, String> facts = new LinkedHashMap<>();
        decision.getInputs()
                .forEach(input -> facts.put(label(input.getClauseName(), input.getClauseId()), text(input.getValue())));
        Map<String, String> answer = new LinkedHashMap<>();
        decision.getOutputs().forEach(output -> answer.put(output.getVariableName(), text(output.getValue())));
        Version table = versions.computeIfAbsent(decision.getDecisionDefinitionId(), id -> version(
                repository.getDecisionDefinition(id), repository.getDecisionModel(id)));
        @Nullable
        String box = decision.getActivityId();
        return new Decided(table, part, box == null ? "" : box, decision.getEvaluationTime().toInstant(), facts,
                decision.getOutputs().stream().map(output -> output.getRuleId()).distinct().toList(), answer);
    }

    private static String label(@Nullable String name, String id) {
        return name == null || name.isBlank() ? id : name;
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    private Version version(ResourceDefinition definition, InputStream model) {
        byte[] xml;
        try (model) {
            xml = model.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("the store does not give back " + definition.getId(), e);
        }
        @Nullable
        Deployment deployment = repository.createDeploymentQuery()
                .deploymentId(definition.getDeploymentId())
                .singleResult();
        @Nullable
        String name = definition.getName();
        return new Version(definition.getId(), definition.getKey(), name == null ? definition.getKey() : name,
                definition.getVersion(),
                deployment == null ? Instant.EPOCH : deployment.getDeploymentTime().toInstant(), Sha256.of(xml),
                new String(xml, StandardCharsets.UTF_8));
    }
}
