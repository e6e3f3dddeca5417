package dev.switchman.api;

import java.io.IOException;
import java.util.EnumSet;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.web.filter.OncePerRequestFilter;

import dev.switchman.runbook.People.Role;

/** Logs in whoever shows the local token. */
final class LocalTokenFilter extends OncePerRequestFilter {

    /** Under this name the token's runs stand in the journal. */
    static final String NAME = "local";
    private static final String SCHEME = "Bearer ";

    private final LocalToken token;
    private final AuthenticationEntryPoint refusal;

    LocalTokenFilter(LocalToken token, AuthenticationEntryPoint refusal) {
        this.token = token;
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
        if (!token.is(header.substring(SCHEME.length()).strip())) {
            refusal.commence(request, response, new BadCredentialsException(
                    "this token is not the one that the server wrote when it started"));
            return;
        }
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(PeopleLogin.authenticated(NAME, EnumSet.allOf(Role.class)));
        SecurityContextHolder.setContext(context);
        chain.doFilter(request, response);
    }
}
