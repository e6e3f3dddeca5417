package dev.switchman.api;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Optional;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.web.filter.OncePerRequestFilter;

import dev.switchman.runbook.People;
import dev.switchman.runbook.People.Role;

/**
 * Logs in whoever shows a token: the local one, a robot's, or one that the issuer has signed. No brake stands here: a token
 * is not guessed, and nobody who guesses passwords can keep a robot out.
 */
final class BearerFilter extends OncePerRequestFilter {

    /** Under this name the local token's runs stand in the journal. */
    static final String LOCAL = "local";
    private static final String SCHEME = "Bearer ";

    private final LocalToken local;
    private final People people;
    private final Optional<SignedTokens> signed;
    private final AuthenticationEntryPoint refusal;

    BearerFilter(LocalToken local, People people, Optional<SignedTokens> signed, AuthenticationEntryPoint refusal) {
        this.local = local;
        this.people = people;
        this.signed = signed;
        this.refusal = refusal;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            chain.doFilter(request, response);
            return;
        }
        Authentication who;
        try {
            who = authenticated(header.substring(SCHEME.length()).strip());
        } catch (AuthenticationException e) {
            refusal.commence(request, response, e);
            return;
        }
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(who);
        SecurityContextHolder.setContext(context);
        chain.doFilter(request, response);
    }

    private Authentication authenticated(String token) {
        if (local.is(token)) {
            return PeopleLogin.authenticated(new People.Person(LOCAL, EnumSet.allOf(Role.class)));
        }
        Optional<People.Person> robot = people.robot(token);
        if (robot.isPresent()) {
            return PeopleLogin.authenticated(robot.get());
        }
        if (signed.isPresent() && SignedTokens.looksSigned(token)) {
            return PeopleLogin.authenticated(signed.get().person(token));
        }
        throw new BadCredentialsException("this token is neither the one that the server wrote when it started,"
                + " nor one of \"switchman token list\"");
    }
}
