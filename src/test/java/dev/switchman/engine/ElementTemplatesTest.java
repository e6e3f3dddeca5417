package dev.switchman.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.junit.jupiter.api.Test;

import dev.switchman.runbook.Follows;
import dev.switchman.runbook.LooksOnly;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Step;

import static org.assertj.core.api.Assertions.assertThat;

/** What Camunda Modeler offers for a box: one template for each step, made from the steps and the diagrams. */
class ElementTemplatesTest {

    /** Where Modeler looks, from the folder of the opened diagram upwards. */
    private static final Path FILE = Path.of(".camunda/element-templates/switchman.json");

    /** A step for diagrams that somebody edits: the program's own have no use of it. */
    static final String NOT_DRAWN = "runCommand";

    private final ObjectMapper json = new ObjectMapper();
    private final Collection<BpmnModelInstance> diagrams = ProjectFiles
            .diagrams(ProjectFiles.texts("bpmn", ".bpmn"))
            .values();

    private ObjectNode template(String id, String name, String description, String kind) {
        ObjectNode template = json.createObjectNode();
        template.put("name", name).put("id", "dev.switchman." + id).put("description", description);
        template.putArray("appliesTo").add(kind);
        template.putArray("properties");
        return template;
    }

    private static ObjectNode hidden(ObjectNode template, String type, String name) {
        ObjectNode property = ((ArrayNode) template.path("properties")).addObject().put("type", "Hidden");
        property.putObject("binding").put("type", type).put("name", name);
        return property;
    }

    private ObjectNode command(Class<? extends Step> type) {
        ObjectNode template = described(NOT_DRAWN, type, "Run command",
                "Runs a command of the configuration (commands) on the hosts that it is meant for. Any status but 0 is"
                        + " refused. It may run twice, if the manager dies in the middle.");
        ObjectNode property = ((ArrayNode) template.path("properties")).addObject()
                .put("label", "Name of the command in switchman.yaml")
                .put("type", "String");
        property.putObject("binding").put("type", "camunda:property").put("name", "command");
        property.putObject("constraints").put("notEmpty", true).put("pattern", "[a-z][a-z0-9-]*");
        return template;
    }

    private ObjectNode step(String bean, Class<? extends Step> type) {
        if (bean.equals(NOT_DRAWN)) {
            return command(type);
        }
        ServiceTask task = diagrams.stream()
                .flatMap(diagram -> diagram.getModelElementsByType(ServiceTask.class).stream())
                .filter(one -> ("${" + bean + "}").equals(one.getCamundaDelegateExpression()))
                .min(Comparator.comparing(one -> one.getId().length()))
                .orElseThrow(() -> new AssertionError("no diagram uses " + bean));
        return described(bean, type, task.getName(),
                task.getDocumentations().iterator().next().getTextContent().strip());
    }

    private ObjectNode described(String bean, Class<? extends Step> type, String name, String sentence) {
        String after = Arrays.stream(type.getAnnotationsByType(Follows.class))
                .map(order -> Arrays.stream(order.value())
                        .map(Class::getSimpleName)
                        .collect(Collectors.joining(" or ")))
                .collect(Collectors.joining(", "));
        String raises = Optional.ofNullable(type.getAnnotation(Raises.class))
                .map(errors -> Arrays.stream(errors.value()).map(Enum::name).collect(Collectors.joining(", ")))
                .orElse("nothing");
        ObjectNode template = template(bean, name,
                sentence + (after.isEmpty() ? "" : " After: " + after + ".") + " Raises: " + raises
                        + ". The box's id begins with Task_" + type.getSimpleName() + ".",
                "bpmn:ServiceTask");
        hidden(template, "property", "camunda:delegateExpression").put("value", "${" + bean + "}");
        if (!type.isAnnotationPresent(LooksOnly.class)) {
            hidden(template, "property", "camunda:asyncBefore").put("value", true);
        }
        return template;
    }

    private ObjectNode approval() {
        ObjectNode template = template("approval", "Ask a person",
                "Asks the question that the step before has put, and waits for answers. The gateway behind it leads on where"
                        + " approved is yes. The box's id begins with Call_.",
                "bpmn:CallActivity");
        hidden(template, "property", "calledElement").put("value", "approval");
        ArrayNode properties = (ArrayNode) template.path("properties");
        for (String direction : List.of("camunda:in", "camunda:out")) {
            properties.addObject()
                    .put("type", "Hidden")
                    .putObject("binding")
                    .put("type", direction)
                    .put("variables",
                            "all");
        }
        return template;
    }

    private String made() throws JsonProcessingException {
        ArrayNode templates = json.createArrayNode().add(approval());
        new TreeMap<>(RunbookFiles.steps()).forEach((bean, type) -> templates.add(step(bean, type)));
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
        printer.indentArraysWith(new DefaultIndenter("  ", "\n"));
        printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
        return json.writer(printer).writeValueAsString(templates) + "\n";
    }

    /** To renew the file: {@code mvn test -Dtest=ElementTemplatesTest -Dswitchman.docs.write=true}. */
    @Test
    void theFileOffersEveryStepAsItIs() throws IOException {
        if (Boolean.getBoolean("switchman.docs.write")) {
            Files.createDirectories(FILE.getParent());
            Files.writeString(FILE, made());
        }

        assertThat(Files.readString(FILE)).isEqualTo(made());
    }

    /** A box made by its template must be what the house rules want; so what the diagrams have is what the template sets. */
    @Test
    void theDiagramsHaveWhatTheTemplatesSet() throws IOException {
        JsonNode templates = json.readTree(made());
        Map<String, JsonNode> byStep = new TreeMap<>();
        templates.forEach(template -> byStep.put(
                template.path("properties").path(0).path("value").asText(), template));

        List<ServiceTask> tasks = diagrams.stream()
                .flatMap(diagram -> diagram.getModelElementsByType(ServiceTask.class).stream())
                .filter(task -> !task.getId().endsWith("_InSection"))
                .toList();
        assertThat(tasks).isNotEmpty().allSatisfy(task -> {
            assertThat(byStep).as(task.getId()).containsKey(task.getCamundaDelegateExpression());
            JsonNode template = byStep.getOrDefault(task.getCamundaDelegateExpression(), MissingNode.getInstance());
            boolean saved = template.path("properties").path(1).path("value").asBoolean();
            assertThat(!saved || task.isCamundaAsyncBefore()).as(task.getId()).isTrue();
        });
    }
}
