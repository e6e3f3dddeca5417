package dev.switchman.engine;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.authorization.Groups;
import org.camunda.bpm.engine.identity.Group;
import org.camunda.bpm.engine.identity.PasswordPolicyResult;
import org.camunda.bpm.engine.identity.PasswordPolicyRule;
import org.camunda.bpm.engine.identity.User;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

import dev.switchman.runbook.People.Role;
import dev.switchman.runbook.Roster;

/** People are the engine's users, so that Cockpit and Tasklist know the same ones; robots are not. */
@Component
class CamundaRoster implements Roster {

    private static final int LONGEST_PASSWORD = 200;
    private static final String MAIL = "[^\\s@<>]+@[^\\s@<>]+";

    private final IdentityService identity;
    private final Robots robots;
    private final TransactionTemplate transaction;
    private final Clock clock;

    /** When somebody's sessions ended, by name. Sessions end with the process, and so may this. */
    private final Map<String, Instant> changed = new ConcurrentHashMap<>();

    CamundaRoster(IdentityService identity, Robots robots, TransactionTemplate transaction, Clock clock) {
        this.identity = identity;
        this.robots = robots;
        this.transaction = transaction;
        this.clock = clock;
    }

    @Override
    public List<Entry> people() {
        return asProgram(() -> identity.createUserQuery()
                .orderByUserId()
                .asc()
                .list()
                .stream()
                .map(this::entry)
                .toList());
    }

    @Override
    public Changed add(String name, Set<Role> roles, Optional<String> mail, String password) {
        return change(() -> {
            Optional<Changed> no = unfitName(name).or(() -> unfitRoles(roles))
                    .or(() -> mail.filter(address -> !address.matches(MAIL) || address.length() > 255)
                            .map(address -> new Changed.Unfit("mail", "not a mail address: \"" + address + "\"")));
            if (no.isPresent()) {
                return no.get();
            }
            User user = identity.newUser(name);
            mail.ifPresent(user::setEmail);
            Optional<Changed> simple = tooSimple(user, password);
            if (simple.isPresent()) {
                return simple.get();
            }
            user.setPassword(password);
            identity.saveUser(user);
            roles.forEach(role -> join(name, role));
            return new Changed.Done(entry(user));
        });
    }

    @Override
    public Changed password(String name, String password) {
        return change(() -> {
            @Nullable
            User user = identity.createUserQuery().userId(name).singleResult();
            if (user == null) {
                return unknown(name);
            }
            Optional<Changed> simple = tooSimple(user, password);
            if (simple.isPresent()) {
                return simple.get();
            }
            user.setPassword(password);
            identity.saveUser(user);
            changed.put(name, now());
            return new Changed.Done(entry(user));
        });
    }

    @Override
    public Changed roles(String name, Set<Role> roles) {
        return change(() -> {
            @Nullable
            User user = identity.createUserQuery().userId(name).singleResult();
            if (user == null) {
                return unknown(name);
            }
            Optional<Changed> no = unfitRoles(roles)
                    .or(() -> roles.contains(Role.ADMIN) ? Optional.empty() : lastAdministrator(name));
            if (no.isPresent()) {
                return no.get();
            }
            Set<Role> before = roles(name);
            before.stream().filter(role -> !roles.contains(role)).forEach(role -> leave(name, role));
            roles.stream().filter(role -> !before.contains(role)).forEach(role -> join(name, role));
            return new Changed.Done(entry(user));
        });
    }

    @Override
    public Changed remove(String name) {
        return change(() -> {
            Optional<Entry> entry = person(name);
            if (entry.isEmpty()) {
                return unknown(name);
            }
            Optional<Changed> no = lastAdministrator(name);
            if (no.isPresent()) {
                return no.get();
            }
            identity.deleteUser(name);
            changed.put(name, now());
            return new Changed.Done(entry.get());
        });
    }

    @Override
    public List<Robot> robots() {
        return robots.all();
    }

    @Override
    public synchronized Made makeRobot(String name, Set<Role> roles, String by) {
        Optional<Changed> no = asProgram(() -> unfitName(name).or(() -> unfitRoles(roles)));
        if (no.isPresent()) {
            return new Made.Not(no.get());
        }
        Robot robot = new Robot(name, roles, by, now());
        return new Made.Token(robot, robots.make(robot));
    }

    @Override
    public synchronized Changed revokeRobot(String name) {
        Optional<Robot> robot = robots.all().stream().filter(each -> each.name().equals(name)).findFirst();
        if (robot.isEmpty()) {
            return new Changed.Unknown("robot \"" + name + "\"");
        }
        robots.remove(name);
        return new Changed.Done(new Entry(name, robot.get().roles(), Optional.empty()));
    }

    Optional<Entry> person(String name) {
        return asProgram(() -> Optional.ofNullable(identity.createUserQuery().userId(name).singleResult())
                .map(this::entry));
    }

    /** @return the last moment at which this person's sessions were ended */
    Instant changed(String name) {
        return changed.getOrDefault(name, Instant.MIN);
    }

    Set<Role> roles(String name) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        identity.createGroupQuery()
                .groupMember(name)
                .list()
                .stream()
                .map(Group::getId)
                .map(Role::ofGroup)
                .flatMap(Optional::stream)
                .forEach(roles::add);
        return roles;
    }

    /** One change at a time: of two administrators, two who remove each other must not both succeed. */
    private synchronized Changed change(Supplier<Changed> change) {
        return asProgram(() -> java.util.Objects.requireNonNull(transaction.execute(status -> change.get())));
    }

    private <T> T asProgram(Supplier<T> action) {
        AtomicReference<@Nullable T> result = new AtomicReference<>();
        Signed.off(identity, () -> result.set(action.get()));
        return java.util.Objects.requireNonNull(result.get());
    }

    private Entry entry(User user) {
        @Nullable
        String mail = user.getEmail();
        return new Entry(user.getId(), roles(user.getId()), Optional.ofNullable(mail).filter(text -> !text.isBlank()));
    }

    private static Changed unknown(String name) {
        return new Changed.Unknown("user \"" + name + "\"");
    }

    private Optional<Changed> unfitName(String name) {
        Optional<String> unfit = Roster.unfit(name);
        if (unfit.isPresent()) {
            return Optional.of(new Changed.Unfit("name", unfit.get()));
        }
        String small = name.toLowerCase(Locale.ROOT);
        boolean taken = identity.createUserQuery()
                .list()
                .stream()
                .anyMatch(user -> user.getId().toLowerCase(Locale.ROOT).equals(small));
        if (taken) {
            return Optional.of(new Changed.Conflict("there is a user \"" + name + "\" already"));
        }
        return robots.named(name)
                .map(robot -> new Changed.Conflict("there is a robot \"" + robot.name() + "\" already"));
    }

    private static Optional<Changed> unfitRoles(Set<Role> roles) {
        return roles.isEmpty()
                ? Optional.of(new Changed.Unfit("groups", "at least one of " + Role.all()))
                : Optional.empty();
    }

    private Optional<Changed> lastAdministrator(String name) {
        List<User> administrators = identity.createUserQuery().memberOfGroup(Role.ADMIN.group()).list();
        boolean last = administrators.size() == 1 && administrators.getFirst().getId().equals(name);
        return last
                ? Optional.of(new Changed.Conflict("\"" + name + "\" is the last user in group " + Role.ADMIN.group()
                        + "; put somebody else into it first"))
                : Optional.empty();
    }

    /** The engine has a policy, and says of a password that breaks it no more than that. */
    private Optional<Changed> tooSimple(User user, String password) {
        if (password.length() > LONGEST_PASSWORD) {
            return Optional.of(new Changed.Unfit("password", password.length() + " characters, at most "
                    + LONGEST_PASSWORD + " (value not shown)"));
        }
        PasswordPolicyResult result = identity.checkPasswordAgainstPolicy(password, user);
        return result.isValid()
                ? Optional.empty()
                : Optional.of(new Changed.Unfit("password", "it must have " + result.getViolatedRules()
                        .stream()
                        .map(CamundaRoster::words)
                        .collect(Collectors.joining(", ")) + " (value not shown)"));
    }

    private static String words(PasswordPolicyRule rule) {
        Map<String, String> numbers = rule.getParameters() == null ? Map.of() : rule.getParameters();
        return switch (rule.getPlaceholder()) {
            case "PASSWORD_POLICY_LENGTH" -> "at least " + numbers.get("minLength") + " characters";
            case "PASSWORD_POLICY_LOWERCASE" -> "a small letter";
            case "PASSWORD_POLICY_UPPERCASE" -> "a capital letter";
            case "PASSWORD_POLICY_DIGIT" -> "a digit";
            case "PASSWORD_POLICY_SPECIAL" -> "a character that is neither letter nor digit";
            case "PASSWORD_POLICY_USER_DATA" -> "nothing of the user's name or mail address in it";
            case String other -> other;
        };
    }

    private void join(String name, Role role) {
        identity.createMembership(name, role.group());
        if (role == Role.ADMIN) {
            // Without a member of this group, the first visitor of Cockpit may make himself one.
            identity.createMembership(name, Groups.CAMUNDA_ADMIN);
        }
    }

    private void leave(String name, Role role) {
        identity.deleteMembership(name, role.group());
        if (role == Role.ADMIN) {
            identity.deleteMembership(name, Groups.CAMUNDA_ADMIN);
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
