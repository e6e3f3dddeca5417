package dev.switchman.runbook;

import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Who may do what: recognizes people by their passwords and robots by their tokens. */
public interface People {

    /** @return the person with this name and password; empty otherwise, whatever was wrong */
    Optional<Person> login(String name, String password);

    /**
     * Looks at a person again who logged in a while ago.
     *
     * @return the person with the groups of now; empty when he was removed, or his password was changed since
     */
    Optional<Person> stillIn(String name, Instant loggedIn);

    /** @return the robot that this token was made for; empty when there is none, or it was revoked */
    Optional<Person> robot(String token);

    /** Makes the first administrator if there is none. @return the password made for him; empty when there was one already */
    Optional<String> firstAdministrator(String name);

    /** A person, or a robot. @param name four-eyes goes by it */
    record Person(String name, Set<Role> roles) {

        public Person {
            roles = Set.copyOf(roles);
        }

        public boolean is(Role role) {
            return roles.contains(role);
        }
    }

    enum Role {
        OPERATOR, APPROVER, AUDITOR, ADMIN;

        /** @return the engine's group id */
        public String group() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** @return the groups' ids as a message lists them */
        public static String all() {
            return Arrays.stream(values()).map(Role::group).collect(Collectors.joining(", "));
        }

        public static Optional<Role> ofGroup(String group) {
            return Arrays.stream(values()).filter(role -> role.group().equals(group)).findFirst();
        }
    }
}
