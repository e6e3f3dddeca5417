package dev.switchman.api;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;

import dev.switchman.config.OidcSettings;
import dev.switchman.runbook.People.Person;
import dev.switchman.runbook.People.Role;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class IssuedPersonTest {

    private static OidcSettings settings(String name, String groups) {
        return new OidcSettings(URI.create("https://login.example.org"), "switchman", Optional.empty(), "switchman",
                List.of("openid"), name, groups, List.of("dba"), List.of("dba-lead", "cto"), List.of("audit"),
                List.of("root"));
    }

    @Test
    void groups_of_the_claim_become_groups_here() {
        assertThat(IssuedPerson.of(Map.of("preferred_username", "anna", "groups", List.of("dba", "cto", "staff")),
                settings("preferred_username", "groups"))).isEqualTo(
                        new Person("anna", Set.of(Role.OPERATOR, Role.APPROVER)));
    }

    @Test
    void a_claim_may_be_a_text_or_stand_inside_of_others() {
        assertThat(IssuedPerson.of(Map.of("email", "anna@example.org", "roles", "audit staff"),
                settings("email", "roles"))).isEqualTo(new Person("anna@example.org", Set.of(Role.AUDITOR)));
        assertThat(
                IssuedPerson.of(Map.of("who", Map.of("id", "anna"), "realm_access", Map.of("roles", List.of("root"))),
                        settings("who.id", "realm_access.roles")))
                .isEqualTo(new Person("anna", Set.of(Role.ADMIN)));
        assertThat(IssuedPerson.of(Map.of("sub", "anna", "https://example.org/groups", List.of("root")),
                settings("sub", "https://example.org/groups")).roles()).containsExactly(Role.ADMIN);
    }

    @Test
    void who_is_in_none_of_the_groups_does_not_come_in() {
        assertThatThrownBy(() -> IssuedPerson.of(Map.of("sub", "anna", "groups", List.of("staff")),
                settings("sub", "groups"))).isInstanceOf(OAuth2AuthenticationException.class)
                .hasMessage("anna is in none of the groups that may use this server: claim groups has [staff]");
        assertThatThrownBy(() -> IssuedPerson.of(Map.of("sub", "anna"), settings("sub", "groups")))
                .isInstanceOf(OAuth2AuthenticationException.class);
        assertThatThrownBy(() -> IssuedPerson.of(Map.of("groups", List.of("root")), settings("sub", "groups")))
                .isInstanceOf(OAuth2AuthenticationException.class)
                .hasMessageContaining("switchman.server.oidc.name-claim");
    }

    @ParameterizedTest
    @ValueSource(strings = {"monitor", "Local", "engine", "nobody", "anna\nbert", "<b>", ""})
    void nobody_is_called_like_switchman_itself_or_like_no_name(String name) {
        assertThatThrownBy(() -> IssuedPerson.of(Map.of("sub", name, "groups", List.of("root")),
                settings("sub", "groups"))).isInstanceOf(OAuth2AuthenticationException.class)
                .hasMessageStartingWith("claim sub: ");
    }
}
