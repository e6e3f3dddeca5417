package dev.switchman.api;

import java.util.Set;

import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.web.authentication.WebAuthenticationDetails;

import dev.switchman.runbook.People;
import dev.switchman.runbook.People.Role;

/** Name and password, checked by {@link People}, with a {@link Brake} on guessing. */
final class PeopleLogin implements AuthenticationProvider {

    private final People people;
    private final Brake brake;

    PeopleLogin(People people, Brake brake) {
        this.people = people;
        this.brake = brake;
    }

    static Authentication authenticated(String name, Set<Role> roles) {
        return UsernamePasswordAuthenticationToken.authenticated(name, null,
                roles.stream().map(role -> new SimpleGrantedAuthority("ROLE_" + role.name())).toList());
    }

    @Override
    public Authentication authenticate(Authentication attempt) {
        String address = attempt.getDetails() instanceof WebAuthenticationDetails details
                ? details.getRemoteAddress()
                : "";
        String name = attempt.getName();
        brake.check(address, name);
        People.Person person = people.login(name, String.valueOf(attempt.getCredentials())).orElseThrow(() -> {
            brake.failed(address, name);
            return new BadCredentialsException("wrong name or password");
        });
        brake.succeeded(address, name);
        return authenticated(person.name(), person.roles());
    }

    @Override
    public boolean supports(Class<?> type) {
        return UsernamePasswordAuthenticationToken.class.isAssignableFrom(type);
    }
}
