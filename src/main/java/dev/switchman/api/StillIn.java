package dev.switchman.api;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;

import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

import dev.switchman.runbook.People;

/**
 * Looks at who comes with a session: whoever was removed, or has another password since, is out; groups are those of now
 * and not those of the login.
 */
final class StillIn extends OncePerRequestFilter {

    private final People people;

    StillIn(People people) {
        this.people = people;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        @Nullable
        HttpSession session = request.getSession(false);
        @Nullable
        Authentication who = session == null ? null : SecurityContextHolder.getContext().getAuthentication();
        if (session != null && who != null && who.getDetails() instanceof Instant loggedIn) {
            Optional<People.Person> person = people.stillIn(who.getName(), loggedIn);
            SecurityContext now = SecurityContextHolder.createEmptyContext();
            if (person.isPresent()) {
                now.setAuthentication(PeopleLogin.authenticated(person.get(), loggedIn));
            } else {
                session.invalidate();
            }
            SecurityContextHolder.setContext(now);
        }
        chain.doFilter(request, response);
    }
}
