package dev.switchman.api;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;

import dev.switchman.config.OidcSettings;
import dev.switchman.runbook.People.Person;
import dev.switchman.runbook.People.Role;
import dev.switchman.runbook.Roster;

/** Reads the claims of an issuer as a person with a name and groups. Who is in none of the groups does not come in. */
final class IssuedPerson {

    private IssuedPerson() {}

    /** @throws OAuth2AuthenticationException saying which claim is missing, or no good */
    static Person of(Map<String, Object> claims, OidcSettings settings) {
        String name = claim(claims, settings.nameClaim()).filter(String.class::isInstance)
                .map(String.class::cast)
                .orElseThrow(() -> refused("the issuer's token has no text in its claim " + settings.nameClaim()
                        + "; name another one with switchman.server.oidc.name-claim"));
        Roster.unfit(name)
                .ifPresent(why -> {
                    throw refused("claim " + settings.nameClaim() + ": " + why);
                });
        Set<String> groups = groups(claim(claims, settings.groupsClaim()).orElse(List.of()));
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (Role role : Role.values()) {
            if (named(role, settings).stream().anyMatch(groups::contains)) {
                roles.add(role);
            }
        }
        if (roles.isEmpty()) {
            throw refused(name + " is in none of the groups that may use this server: claim " + settings.groupsClaim()
                    + " has " + groups);
        }
        return new Person(name, roles);
    }

    private static List<String> named(Role role, OidcSettings settings) {
        return switch (role) {
            case OPERATOR -> settings.operator();
            case APPROVER -> settings.approver();
            case AUDITOR -> settings.auditor();
            case ADMIN -> settings.admin();
        };
    }

    /** @param path a claim's name; where there is none with its dots, a claim inside of others */
    private static Optional<Object> claim(Map<?, ?> claims, String path) {
        @Nullable
        Object whole = claims.get(path);
        if (whole != null) {
            return Optional.of(whole);
        }
        int dot = path.indexOf('.');
        return dot > 0 && claims.get(path.substring(0, dot)) instanceof Map<?, ?> inner
                ? claim(inner, path.substring(dot + 1))
                : Optional.empty();
    }

    private static Set<String> groups(Object claim) {
        Set<String> groups = new LinkedHashSet<>();
        if (claim instanceof Collection<?> many) {
            many.forEach(one -> groups.add(String.valueOf(one)));
        } else {
            groups.addAll(Arrays.asList(claim.toString().split("[ ,]+")));
        }
        return groups;
    }

    private static OAuth2AuthenticationException refused(String why) {
        return new OAuth2AuthenticationException(new OAuth2Error("access_denied"), why);
    }
}
