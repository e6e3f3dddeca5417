package dev.switchman.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.camunda.bpm.engine.authorization.Groups;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.context.SecurityContextHolder;

import dev.switchman.runbook.People.Role;

/** Who has logged in, as the engine knows people: a user id and groups. */
record LoggedIn(String name, List<String> groups) {

    static Optional<LoggedIn> now() {
        return Optional.ofNullable(SecurityContextHolder.getContext().getAuthentication())
                .filter(Authentication::isAuthenticated)
                .filter(authentication -> !(authentication instanceof AnonymousAuthenticationToken))
                .map(LoggedIn::of);
    }

    private static LoggedIn of(Authentication authentication) {
        Set<String> authorities = authentication.getAuthorities()
                .stream()
                .map(GrantedAuthority::getAuthority)
                .collect(Collectors.toSet());
        List<String> groups = new ArrayList<>(Arrays.stream(Role.values())
                .filter(role -> authorities.contains("ROLE_" + role.name()))
                .map(Role::group)
                .toList());
        if (authorities.contains("ROLE_" + Role.ADMIN.name())) {
            groups.add(Groups.CAMUNDA_ADMIN);
        }
        return new LoggedIn(authentication.getName(), List.copyOf(groups));
    }
}
