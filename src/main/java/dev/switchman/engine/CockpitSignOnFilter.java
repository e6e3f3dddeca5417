package dev.switchman.engine;

import java.io.IOException;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;

import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.authorization.Permissions;
import org.camunda.bpm.engine.authorization.Resources;
import org.camunda.bpm.webapp.impl.security.auth.Authentication;
import org.camunda.bpm.webapp.impl.security.auth.AuthenticationUtil;
import org.camunda.bpm.webapp.impl.security.auth.Authentications;
import org.camunda.bpm.webapp.impl.security.auth.UserAuthentication;
import org.jspecify.annotations.Nullable;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Tells Cockpit and Tasklist who has logged in and with which groups, again whenever these change. Camunda's own filter for
 * this takes nobody whom the engine's tables do not know, as they do not know an issuer's people, and asks these tables for
 * the groups again after five minutes.
 */
final class CockpitSignOnFilter extends OncePerRequestFilter {

    private static final Date NEVER = new Date(Long.MAX_VALUE);

    private final ProcessEngine engine;

    CockpitSignOnFilter(ProcessEngine engine) {
        this.engine = engine;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Optional<LoggedIn> person = LoggedIn.now();
        if (person.isEmpty()) {
            response.sendError(HttpServletResponse.SC_UNAUTHORIZED);
            return;
        }
        HttpSession session = request.getSession();
        if (!known(AuthenticationUtil.getAuthsFromSession(session), person.get())) {
            Authentications fresh = new Authentications();
            fresh.addOrReplace(authentication(person.get()));
            AuthenticationUtil.updateSession(session, fresh);
        }
        chain.doFilter(request, response);
    }

    private boolean known(@Nullable Authentications authentications, LoggedIn person) {
        if (authentications == null) {
            return false;
        }
        @Nullable
        Authentication before = authentications.getAuthenticationForProcessEngine(engine.getName());
        return before instanceof UserAuthentication user && user.getIdentityId().equals(person.name())
                && user.getGroupIds().equals(person.groups());
    }

    private UserAuthentication authentication(LoggedIn person) {
        UserAuthentication authentication = new UserAuthentication(person.name(), engine.getName());
        authentication.setGroupIds(person.groups());
        authentication.setTenantIds(List.of());
        authentication.setAuthorizedApps(apps(person));
        authentication.setCacheValidationTime(NEVER);
        return authentication;
    }

    private Set<String> apps(LoggedIn person) {
        Set<String> apps = new HashSet<>(Set.of(AuthenticationUtil.APP_WELCOME));
        Signed.off(engine.getIdentityService(), () -> {
            for (String app : AuthenticationUtil.APPS) {
                if (engine.getAuthorizationService()
                        .isUserAuthorized(person.name(), person.groups(), Permissions.ACCESS, Resources.APPLICATION,
                                app)) {
                    apps.add(app);
                }
            }
        });
        return apps;
    }
}
