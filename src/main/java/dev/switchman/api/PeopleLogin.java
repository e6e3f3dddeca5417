package dev.switchman.api;

import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.web.authentication.WebAuthenticationDetails;

import dev.switchman.runbook.People;
import dev.switchman.runbook.People.Person;
import dev.switchman.runbook.People.Role;

/** Name and password, checked by {@link People}, with a {@link Brake} on guessing. */
final class PeopleLogin implements AuthenticationProvider {

    private final People people;
    private final Brake brake;
    private final Clock clock;

    PeopleLogin(People people, Brake brake, Clock clock) {
        this.people = people;
        this.brake = brake;
        this.clock = clock;
    }

    static Authentication authenticated(Person person) {
        return token(person);
    }

    /** @param loggedIn kept with the session, for {@link StillIn} */
    static Authentication authenticated(Person person, Instant loggedIn) {
        UsernamePasswordAuthenticationToken token = token(person);
        token.setDetails(loggedIn);
        return token;
    }

    /** @return who has logged in, whatever way */
    static Person person(Authentication authentication) {
        Set<String> authorities = authentication.getAuthorities()
                .stream()
                .map(GrantedAuthority::getAuthority)
                .collect(Collectors.toSet());
        return new Person(authentication.getName(), Arrays.stream(Role.values())
                .filter(role -> authorities.contains("ROLE_" + role.name()))
                .collect(Collectors.toSet()));
    }

    static List<SimpleGrantedAuthority> authorities(Person person) {
        return person.roles().stream().map(role -> new SimpleGrantedAuthority("ROLE_" + role.name())).toList();
    }

    private static UsernamePasswordAuthenticationToken token(Person person) {
        return UsernamePasswordAuthenticationToken.authenticated(person.name(), null, authorities(person));
    }

    @Override
    public Authentication authenticate(Authentication attempt) {
        String address = attempt.getDetails() instanceof WebAuthenticationDetails details
                ? details.getRemoteAddress()
                : "";
        String name = attempt.getName();
        brake.check(address, name);
        Instant now = clock.instant();
        Person person = people.login(name, String.valueOf(attempt.getCredentials())).orElseThrow(() -> {
            brake.failed(address, name);
            return new BadCredentialsException("wrong name or password");
        });
        brake.succeeded(address, name);
        return authenticated(person, now);
    }

    @Override
    public boolean supports(Class<?> type) {
        return UsernamePasswordAuthenticationToken.class.isAssignableFrom(type);
    }
}
