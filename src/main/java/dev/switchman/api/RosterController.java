package dev.switchman.api;

import java.security.Principal;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import jakarta.servlet.http.HttpServletRequest;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

import dev.switchman.runbook.People.Role;
import dev.switchman.runbook.Roster;
import dev.switchman.runbook.Roster.Changed;
import dev.switchman.runbook.Roster.Made;

/** People with passwords, and robots with tokens. The gates let administrators change them, and auditors look. */
@RestController
@RequestMapping("/api")
class RosterController {

    private static final Logger LOG = LoggerFactory.getLogger(RosterController.class);

    private final Roster roster;

    RosterController(Roster roster) {
        this.roster = roster;
    }

    @GetMapping("/users")
    List<Views.UserView> users() {
        return roster.people().stream().map(RosterController::view).toList();
    }

    @PostMapping("/users")
    @ResponseStatus(HttpStatus.CREATED)
    Views.UserView add(@RequestBody Views.UserRequest body, Principal by) {
        String name = given("name", body.name());
        Roster.Entry entry = done(roster.add(name, roles(body.groups()), Optional.ofNullable(body.mail()),
                given("password", body.password())));
        LOG.info("{} added user {} to {}", by.getName(), name, entry.roles());
        return view(entry);
    }

    /** Everybody may change his own. */
    @PutMapping("/users/{name}/password")
    Views.UserView password(@PathVariable String name, @RequestBody Views.PasswordRequest body,
            HttpServletRequest request, Principal by) {
        if (!by.getName().equals(name) && !request.isUserInRole(Role.ADMIN.name())) {
            throw Refusal.forbidden(by.getName() + " may not change the password of \"" + name + "\"");
        }
        Roster.Entry entry = done(roster.password(name, given("password", body.password())));
        LOG.info("{} changed the password of user {}", by.getName(), name);
        return view(entry);
    }

    /** Replaces the groups of a person. */
    @PutMapping("/users/{name}/groups")
    Views.UserView groups(@PathVariable String name, @RequestBody Views.GroupsRequest body, Principal by) {
        Roster.Entry entry = done(roster.roles(name, roles(body.groups())));
        LOG.info("{} put user {} into {}", by.getName(), name, entry.roles());
        return view(entry);
    }

    @DeleteMapping("/users/{name}")
    Views.UserView remove(@PathVariable String name, Principal by) {
        Roster.Entry entry = done(roster.remove(name));
        LOG.info("{} removed user {}", by.getName(), name);
        return view(entry);
    }

    @GetMapping("/tokens")
    List<Views.TokenView> tokens() {
        return roster.robots().stream().map(RosterController::view).toList();
    }

    /** The only answer that ever holds the token. */
    @PostMapping("/tokens")
    @ResponseStatus(HttpStatus.CREATED)
    Views.NewToken make(@RequestBody Views.TokenRequest body, Principal by) {
        String name = given("name", body.name());
        return switch (roster.makeRobot(name, roles(body.groups()), by.getName())) {
            case Made.Token(var robot, String token) -> {
                LOG.info("{} made a token for robot {} in {}", by.getName(), name, robot.roles());
                yield new Views.NewToken(robot.name(), groups(robot.roles()), token);
            }
            case Made.Not(Changed why) -> {
                done(why);
                throw new IllegalStateException("no token, and no reason: " + why);
            }
        };
    }

    @DeleteMapping("/tokens/{name}")
    Views.UserView revoke(@PathVariable String name, Principal by) {
        Roster.Entry entry = done(roster.revokeRobot(name));
        LOG.info("{} revoked the token of robot {}", by.getName(), name);
        return view(entry);
    }

    private static Roster.Entry done(Changed changed) {
        return switch (changed) {
            case Changed.Done(var entry) -> entry;
            case Changed.Unknown(String what) -> throw Refusal.unknown("there is no " + what);
            case Changed.Conflict(String why) -> throw Refusal.conflict(why);
            case Changed.Unfit(String argument, String why) -> throw Refusal.bad(argument + ": " + why);
        };
    }

    private static String given(String field, @Nullable String value) {
        if (value == null || value.isEmpty()) {
            throw Refusal.bad(field + ": missing");
        }
        return value;
    }

    private static Set<Role> roles(@Nullable List<@Nullable String> groups) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (String group : groups == null ? List.<@Nullable String>of() : groups) {
            roles.add(Optional.ofNullable(group)
                    .flatMap(Role::ofGroup)
                    .orElseThrow(
                            () -> Refusal.bad("groups: not one of " + Role.all() + ": \"" + group + "\"")));
        }
        return roles;
    }

    private static Views.UserView view(Roster.Entry entry) {
        return new Views.UserView(entry.name(), groups(entry.roles()), entry.mail().orElse(null));
    }

    private static Views.TokenView view(Roster.Robot robot) {
        return new Views.TokenView(robot.name(), groups(robot.roles()), robot.madeBy(), robot.madeAt());
    }

    private static List<String> groups(Set<Role> roles) {
        return roles.stream().sorted().map(Role::group).toList();
    }
}
