package dev.switchman.engine;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import org.camunda.bpm.engine.AuthorizationService;
import org.camunda.bpm.engine.FilterService;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.TaskService;
import org.camunda.bpm.engine.authorization.Authorization;
import org.camunda.bpm.engine.authorization.Groups;
import org.camunda.bpm.engine.authorization.Permission;
import org.camunda.bpm.engine.authorization.Permissions;
import org.camunda.bpm.engine.authorization.ProcessDefinitionPermissions;
import org.camunda.bpm.engine.authorization.Resource;
import org.camunda.bpm.engine.authorization.Resources;
import org.camunda.bpm.engine.authorization.UserOperationLogCategoryPermissions;
import org.camunda.bpm.engine.identity.Group;
import org.camunda.bpm.engine.identity.User;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

import dev.switchman.runbook.People;

/** People and their groups in the engine's own tables, so that Cockpit and Tasklist know the same ones. */
@Component
class CamundaPeople implements People, SmartInitializingSingleton {

    private static final Logger LOG = LoggerFactory.getLogger(CamundaPeople.class);

    private static final String LOWER = "abcdefghijkmnopqrstuvwxyz";
    private static final String UPPER = "ABCDEFGHJKLMNPQRSTUVWXYZ";
    private static final String DIGITS = "23456789";
    private static final String SPECIAL = "-_+=.";
    private static final int PASSWORD = 20;

    private final IdentityService identity;
    private final AuthorizationService authorizations;
    private final FilterService filters;
    private final TaskService tasks;
    private final TransactionTemplate transaction;
    private final Robots robots;
    private final CamundaRoster roster;
    private final SecureRandom random = new SecureRandom();

    CamundaPeople(IdentityService identity, AuthorizationService authorizations, FilterService filters,
            TaskService tasks, TransactionTemplate transaction, Robots robots, CamundaRoster roster) {
        this.identity = identity;
        this.authorizations = authorizations;
        this.filters = filters;
        this.tasks = tasks;
        this.transaction = transaction;
        this.robots = robots;
        this.roster = roster;
    }

    /** The groups are there before HTTP answers: whoever has the machine's own token may add people from the first moment on. */
    @Override
    public void afterSingletonsInstantiated() {
        Signed.off(identity, () -> transaction.executeWithoutResult(status -> {
            groups();
            decisions();
        }));
    }

    @Override
    public Optional<Person> login(String name, String password) {
        List<Person> found = new ArrayList<>();
        Signed.off(identity, () -> {
            if (identity.checkPassword(name, password)) {
                found.add(new Person(name, roster.roles(name)));
            }
        });
        return found.stream().findFirst();
    }

    @Override
    public Optional<Person> stillIn(String name, Instant loggedIn) {
        return loggedIn.isBefore(roster.changed(name))
                ? Optional.empty()
                : roster.person(name).map(entry -> new Person(entry.name(), entry.roles()));
    }

    @Override
    public Optional<Person> robot(String token) {
        return robots.of(token).map(robot -> new Person(robot.name(), robot.roles()));
    }

    @Override
    public Optional<String> firstAdministrator(String name) {
        List<String> made = new ArrayList<>();
        Signed.off(identity, () -> transaction.executeWithoutResult(status -> {
            if (identity.createUserQuery().memberOfGroup(Role.ADMIN.group()).count() == 0) {
                made.add(administrator(name));
            }
        }));
        return made.stream().findFirst();
    }

    private String administrator(String name) {
        String password = password();
        User user = identity.newUser(name);
        user.setFirstName("First");
        user.setLastName("Administrator");
        user.setPassword(password);
        identity.saveUser(user);
        for (Role role : Role.values()) {
            identity.createMembership(name, role.group());
        }
        // Without a member of this group, the first visitor of Cockpit may make himself one.
        identity.createMembership(name, Groups.CAMUNDA_ADMIN);
        LOG.info("made the first administrator, {}", name);
        return password;
    }

    private void groups() {
        for (Role role : Role.values()) {
            if (group(role.group(), "WORKFLOW")) {
                grants(role);
            }
        }
        if (group(Groups.CAMUNDA_ADMIN, Groups.GROUP_TYPE_SYSTEM)) {
            everything(Groups.CAMUNDA_ADMIN);
        }
    }

    /** Tasklist shows nobody any task without a filter; everybody may read all of them. */
    private void decisions() {
        if (filters.createTaskFilterQuery().count() == 0) {
            filters.saveFilter(filters.newTaskFilter("Decisions waiting")
                    .setQuery(tasks.createTaskQuery())
                    .setProperties(
                            Map.of("description", "Runs that wait for a person", "priority", 0, "refresh", true)));
        }
    }

    private boolean group(String id, String type) {
        if (identity.createGroupQuery().groupId(id).count() > 0) {
            return false;
        }
        Group group = identity.newGroup(id);
        group.setName(id);
        group.setType(type);
        identity.saveGroup(group);
        return true;
    }

    private void grants(Role role) {
        String group = role.group();
        switch (role) {
            case ADMIN -> everything(group);
            case OPERATOR -> {
                looks(group);
                grant(group, Resources.PROCESS_DEFINITION, Authorization.ANY, Permissions.READ,
                        ProcessDefinitionPermissions.READ_INSTANCE,
                        ProcessDefinitionPermissions.READ_HISTORY, ProcessDefinitionPermissions.READ_HISTORY_VARIABLE,
                        ProcessDefinitionPermissions.READ_INSTANCE_VARIABLE,
                        ProcessDefinitionPermissions.CREATE_INSTANCE,
                        ProcessDefinitionPermissions.RETRY_JOB);
                grant(group, Resources.PROCESS_INSTANCE, Authorization.ANY, Permissions.CREATE);
            }
            case APPROVER, AUDITOR -> {
                looks(group);
                grant(group, Resources.PROCESS_DEFINITION, Authorization.ANY, Permissions.READ,
                        ProcessDefinitionPermissions.READ_INSTANCE,
                        ProcessDefinitionPermissions.READ_HISTORY, ProcessDefinitionPermissions.READ_HISTORY_VARIABLE,
                        ProcessDefinitionPermissions.READ_INSTANCE_VARIABLE);
            }
        }
        if (role == Role.AUDITOR) {
            grant(group, Resources.OPERATION_LOG_CATEGORY, Authorization.ANY, UserOperationLogCategoryPermissions.READ);
        }
    }

    private void looks(String group) {
        grant(group, Resources.APPLICATION, "cockpit", Permissions.ACCESS);
        grant(group, Resources.APPLICATION, "tasklist", Permissions.ACCESS);
        grant(group, Resources.APPLICATION, "welcome", Permissions.ACCESS);
        grant(group, Resources.DECISION_DEFINITION, Authorization.ANY, Permissions.READ, Permissions.READ_HISTORY);
        grant(group, Resources.DEPLOYMENT, Authorization.ANY, Permissions.READ);
        grant(group, Resources.FILTER, Authorization.ANY, Permissions.READ);
    }

    private void everything(String group) {
        for (Resources resource : Resources.values()) {
            grant(group, resource, Authorization.ANY, Permissions.ALL);
        }
    }

    private void grant(String group, Resource resource, String id, Permission... permissions) {
        Authorization grant = authorizations.createNewAuthorization(Authorization.AUTH_TYPE_GRANT);
        grant.setGroupId(group);
        grant.setResource(resource);
        grant.setResourceId(id);
        grant.setPermissions(permissions);
        authorizations.saveAuthorization(grant);
    }

    /** @return 20 characters of all the kinds that the engine's own policy asks for */
    private String password() {
        List<Character> characters = new ArrayList<>();
        for (String kind : List.of(LOWER, UPPER, DIGITS, SPECIAL)) {
            characters.add(pick(kind));
        }
        while (characters.size() < PASSWORD) {
            characters.add(pick(LOWER + UPPER + DIGITS));
        }
        Collections.shuffle(characters, random);
        return characters.stream().map(String::valueOf).collect(Collectors.joining());
    }

    private char pick(String from) {
        return from.charAt(random.nextInt(from.length()));
    }
}
