package dev.switchman.runbook;

import java.util.Optional;
import java.util.Set;

/** Who may do what. */
public interface People {

    /** @return the person with this name and password; empty otherwise, whatever was wrong */
    Optional<Person> login(String name, String password);

    /** Makes the first administrator if there is none. @return the password made for him; empty when there was one already */
    Optional<String> firstAdministrator(String name);

    record Person(String name, Set<Role> roles) {

        public Person {
            roles = Set.copyOf(roles);
        }
    }

    enum Role {
        OPERATOR, APPROVER, AUDITOR, ADMIN;

        /** @return the engine's group id */
        public String group() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
