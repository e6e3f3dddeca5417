package dev.switchman.engine;

import java.util.List;

import org.camunda.bpm.engine.delegate.ExecutionListener;
import org.camunda.bpm.engine.delegate.TaskListener;
import org.camunda.bpm.engine.impl.bpmn.behavior.UserTaskActivityBehavior;
import org.camunda.bpm.engine.impl.bpmn.parser.AbstractBpmnParseListener;
import org.camunda.bpm.engine.impl.persistence.entity.ProcessDefinitionEntity;
import org.camunda.bpm.engine.impl.pvm.process.ActivityImpl;
import org.camunda.bpm.engine.impl.pvm.process.ScopeImpl;
import org.camunda.bpm.engine.impl.task.TaskDefinition;
import org.camunda.bpm.engine.impl.util.xml.Element;

/**
 * Puts the run's lifecycle on every process and the questions on every user task. As built-in listeners: Cockpit offers to
 * skip the others when it deletes an instance.
 */
final class RunHooks extends AbstractBpmnParseListener {

    private final RunLifecycle lifecycle;
    private final QuestionHooks questions;

    RunHooks(RunLifecycle lifecycle, QuestionHooks questions) {
        this.lifecycle = lifecycle;
        this.questions = questions;
    }

    @Override
    public void parseRootElement(Element root, List<ProcessDefinitionEntity> definitions) {
        boolean asks = holds(root, "userTask");
        for (ProcessDefinitionEntity definition : definitions) {
            definition.addBuiltInListener(ExecutionListener.EVENTNAME_START, lifecycle.begins(asks));
            definition.addBuiltInListener(ExecutionListener.EVENTNAME_END, lifecycle.ends());
        }
    }

    private static boolean holds(Element element, String tag) {
        return element.elements().stream().anyMatch(child -> child.getTagName().equals(tag) || holds(child, tag));
    }

    @Override
    public void parseUserTask(Element element, ScopeImpl scope, ActivityImpl activity) {
        TaskDefinition task = ((UserTaskActivityBehavior) activity.getActivityBehavior()).getTaskDefinition();
        task.addBuiltInTaskListener(TaskListener.EVENTNAME_CREATE, questions.opens());
        task.addBuiltInTaskListener(TaskListener.EVENTNAME_COMPLETE, questions.completes());
        task.addBuiltInTaskListener(TaskListener.EVENTNAME_DELETE, questions.expires());
    }
}
