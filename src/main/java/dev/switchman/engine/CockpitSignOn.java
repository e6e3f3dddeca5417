package dev.switchman.engine;

import java.util.List;
import java.util.Optional;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.rest.security.auth.AuthenticationProvider;
import org.camunda.bpm.engine.rest.security.auth.AuthenticationResult;
import org.camunda.bpm.webapp.impl.security.auth.ContainerBasedAuthenticationFilter;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Takes whoever has logged in to Switchman into Cockpit and Tasklist, and into the engine's own REST interface. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication
class CockpitSignOn {

    /** Behind Camunda's own filters for sessions and forged requests, as its manual asks. */
    private static final int BEHIND_CAMUNDAS_FILTERS = 201;
    /** Behind the security filters, whose order is -100. */
    private static final int BEHIND_SECURITY = 0;

    @Bean
    FilterRegistrationBean<ContainerBasedAuthenticationFilter> cockpitSignOnFilter() {
        FilterRegistrationBean<ContainerBasedAuthenticationFilter> filter = new FilterRegistrationBean<>(
                new ContainerBasedAuthenticationFilter());
        filter.setInitParameters(java.util.Map.of("authentication-provider", SignedIn.class.getName()));
        filter.setOrder(BEHIND_CAMUNDAS_FILTERS);
        filter.addUrlPatterns("/camunda/app/*", "/camunda/api/*");
        return filter;
    }

    @Bean
    FilterRegistrationBean<EngineIdentityFilter> engineIdentityFilter(ProcessEngine engine) {
        FilterRegistrationBean<EngineIdentityFilter> filter = new FilterRegistrationBean<>(
                new EngineIdentityFilter(engine.getIdentityService()));
        filter.setOrder(BEHIND_SECURITY);
        filter.addUrlPatterns("/engine-rest/*");
        return filter;
    }

    /** Made by the filter from its name: public, and without arguments. */
    public static final class SignedIn implements AuthenticationProvider {

        @Override
        public AuthenticationResult extractAuthenticatedUser(HttpServletRequest request, ProcessEngine engine) {
            Optional<LoggedIn> person = LoggedIn.now();
            if (person.isEmpty()) {
                return AuthenticationResult.unsuccessful();
            }
            AuthenticationResult result = AuthenticationResult.successful(person.get().name());
            result.setGroups(person.get().groups());
            result.setTenants(List.of());
            return result;
        }

        @Override
        public void augmentResponseByAuthenticationChallenge(HttpServletResponse response, ProcessEngine engine) {
            // The login page asks, not the browser.
        }
    }
}
