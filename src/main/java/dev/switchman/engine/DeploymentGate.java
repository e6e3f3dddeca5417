package dev.switchman.engine;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.camunda.bpm.engine.BadUserRequestException;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.persistence.deploy.Deployer;
import org.camunda.bpm.engine.impl.persistence.entity.DeploymentEntity;

/**
 * Lets nothing into a store that {@link RunbookLint} finds a fault in, whichever way it comes: Modeler, the engine's own
 * interface, Cockpit; and from none of these anything at all, because one person alone puts nothing into force. What this
 * program brings itself goes into an empty store unasked.
 */
final class DeploymentGate implements Deployer {

    @Override
    public void deploy(DeploymentEntity deployment) {
        RepositoryService repository = Context.getProcessEngineConfiguration().getRepositoryService();
        // Not new: a definition that is read again after a start.
        if (!deployment.isNew() || repository.createProcessDefinitionQuery().count() == 0) {
            return;
        }
        Map<String, byte[]> files = new TreeMap<>();
        deployment.getResources().forEach((name, resource) -> files.put(name, resource.getBytes()));
        List<String> problems = RunbookLint.ofThisProgram().problems(RunbookFiles.inForce(repository), files);
        if (!problems.isEmpty()) {
            throw new BadUserRequestException("refused, " + problems.size() + " problems: "
                    + String.join("; ", problems));
        }
        Signed.in().ifPresent(person -> {
            throw new BadUserRequestException(
                    "refused, though its rules are kept: " + person + " alone puts nothing into"
                            + " force, a second person must agree. Propose it with: switchman deploy "
                            + String.join(" ", files.keySet()));
        });
    }
}
