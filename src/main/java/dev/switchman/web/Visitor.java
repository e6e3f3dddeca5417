package dev.switchman.web;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;

import dev.switchman.runbook.People.Role;

/**
 * Who looks at a page: what he may do decides which buttons are there. The server decides again when one is pressed.
 *
 * @param groups as words
 */
record Visitor(String name, List<String> groups, boolean starts, boolean answers) {

    static Visitor of(Authentication login) {
        Set<String> granted = login.getAuthorities()
                .stream()
                .map(GrantedAuthority::getAuthority)
                .collect(Collectors.toSet());
        List<Role> roles = Arrays.stream(Role.values())
                .filter(role -> granted.contains("ROLE_" + role.name()))
                .toList();
        boolean admin = roles.contains(Role.ADMIN);
        return new Visitor(login.getName(), roles.stream().map(Role::group).toList(),
                admin || roles.contains(Role.OPERATOR), admin || roles.contains(Role.APPROVER));
    }

    boolean is(String other) {
        return name.equalsIgnoreCase(other);
    }
}
