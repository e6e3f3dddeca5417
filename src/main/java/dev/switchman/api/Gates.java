package dev.switchman.api;

import java.time.Clock;
import java.util.Set;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.www.BasicAuthenticationFilter;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.csrf.CsrfTokenRequestAttributeHandler;
import org.springframework.security.web.firewall.HttpStatusRequestRejectedHandler;
import org.springframework.security.web.firewall.RequestRejectedHandler;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

import dev.switchman.runbook.People;
import dev.switchman.runbook.People.Role;

import static org.springframework.security.config.Customizer.withDefaults;
import static org.springframework.security.config.http.SessionCreationPolicy.NEVER;
import static org.springframework.security.config.http.SessionCreationPolicy.STATELESS;

/**
 * Who may come in, in front of everything: one login for {@code /api}, {@code /camunda} and {@code /engine-rest}. The
 * admin may do all, the operator starts and pauses, the approver answers, everybody who is logged in reads.
 *
 * <p>Patterns are matchers and not strings: the engine's REST interface is served by another servlet, and a string would
 * only match what Spring's own serves.
 */
@Configuration(proxyBeanMethods = false)
class Gates {

    private static final PathPatternRequestMatcher.Builder PATH = PathPatternRequestMatcher.withDefaults();
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "TRACE", "OPTIONS");

    private static final String ADMIN = Role.ADMIN.name();
    private static final String OPERATOR = Role.OPERATOR.name();
    private static final String APPROVER = Role.APPROVER.name();

    @Bean
    ProviderManager logins(People people, Clock clock) {
        return new ProviderManager(new PeopleLogin(people, new Brake(clock)));
    }

    /** A path that may mean two things is a bad request, and no fault of the server's. */
    @Bean
    RequestRejectedHandler ambiguousPaths() {
        return new HttpStatusRequestRejectedHandler();
    }

    /** A deployment is code that the engine runs: for the admin only. */
    @Bean
    @Order(1)
    SecurityFilterChain engineRest(HttpSecurity http, ProviderManager logins, LocalToken token, ObjectMapper json)
            throws Exception {
        ProblemWriter problems = new ProblemWriter(json);
        return http.securityMatcher(PATH.matcher("/engine-rest/**"))
                .authenticationManager(logins)
                .addFilterBefore(new LocalTokenFilter(token, problems), BasicAuthenticationFilter.class)
                .httpBasic(basic -> basic.authenticationEntryPoint(problems))
                .exceptionHandling(errors -> errors.authenticationEntryPoint(problems).accessDeniedHandler(problems))
                .sessionManagement(sessions -> sessions.sessionCreationPolicy(STATELESS))
                .csrf(AbstractHttpConfigurer::disable)
                .authorizeHttpRequests(requests -> requests
                        .dispatcherTypeMatchers(DispatcherType.ERROR)
                        .permitAll()
                        .requestMatchers(changes("/engine-rest/deployment/**"),
                                changes("/engine-rest/engine/*/deployment/**"))
                        .hasRole(ADMIN)
                        .anyRequest()
                        .authenticated())
                .build();
    }

    @Bean
    @Order(2)
    SecurityFilterChain api(HttpSecurity http, ProviderManager logins, LocalToken token, ObjectMapper json)
            throws Exception {
        ProblemWriter problems = new ProblemWriter(json);
        return http.securityMatcher(PATH.matcher("/api/**"))
                .authenticationManager(logins)
                .addFilterBefore(new LocalTokenFilter(token, problems), BasicAuthenticationFilter.class)
                .httpBasic(basic -> basic.authenticationEntryPoint(problems))
                .exceptionHandling(errors -> errors.authenticationEntryPoint(problems).accessDeniedHandler(problems))
                .sessionManagement(sessions -> sessions.sessionCreationPolicy(NEVER))
                .requestCache(AbstractHttpConfigurer::disable)
                .csrf(csrf -> csrf.csrfTokenRepository(csrfCookie())
                        .csrfTokenRequestHandler(csrfHeader())
                        .requireCsrfProtectionMatcher(Gates::changesBySession))
                .authorizeHttpRequests(requests -> requests
                        .dispatcherTypeMatchers(DispatcherType.ERROR)
                        .permitAll()
                        .requestMatchers(PATH.matcher(HttpMethod.GET, "/api/health"))
                        .permitAll()
                        .requestMatchers(PATH.matcher(HttpMethod.POST, "/api/clusters/*/*"))
                        .hasAnyRole(OPERATOR, ADMIN)
                        .requestMatchers(PATH.matcher(HttpMethod.POST, "/api/runs/*/answer"))
                        .hasAnyRole(APPROVER, ADMIN)
                        .requestMatchers(PATH.matcher(HttpMethod.GET, "/api/**"))
                        .authenticated()
                        .anyRequest()
                        .hasRole(ADMIN))
                .build();
    }

    /** Browsers: a login page, a session, and Camunda's webapps, which guard their own forms and set their own headers. */
    @Bean
    @Order(3)
    SecurityFilterChain pages(HttpSecurity http, ProviderManager logins) throws Exception {
        return http.authenticationManager(logins)
                .formLogin(withDefaults())
                .logout(withDefaults())
                .csrf(csrf -> csrf.csrfTokenRepository(csrfCookie())
                        .csrfTokenRequestHandler(csrfHeader())
                        .ignoringRequestMatchers(PATH.matcher("/camunda/**")))
                .headers(headers -> headers.frameOptions(HeadersConfigurer.FrameOptionsConfig::deny))
                .authorizeHttpRequests(requests -> requests
                        .dispatcherTypeMatchers(DispatcherType.ERROR)
                        .permitAll()
                        // Else the first visitor could make himself admin, should there be none.
                        .requestMatchers(PATH.matcher("/camunda/api/admin/setup/**"))
                        .denyAll()
                        .requestMatchers(changes("/camunda/api/engine/engine/*/deployment/**"))
                        .hasRole(ADMIN)
                        .requestMatchers(PATH.matcher("/actuator/**"))
                        .hasRole(ADMIN)
                        .anyRequest()
                        .authenticated())
                .build();
    }

    private static RequestMatcher changes(String pattern) {
        RequestMatcher path = PATH.matcher(pattern);
        return request -> !SAFE.contains(request.getMethod()) && path.matches(request);
    }

    /**
     * Another site can make a browser send its session, but not a header. Without a session there is nothing to forge: that
     * request is refused for want of a login.
     */
    private static boolean changesBySession(HttpServletRequest request) {
        return !SAFE.contains(request.getMethod()) && request.getHeader(HttpHeaders.AUTHORIZATION) == null
                && request.getSession(false) != null;
    }

    /** Not the usual cookie name: that one is Camunda's. */
    private static CookieCsrfTokenRepository csrfCookie() {
        CookieCsrfTokenRepository cookie = CookieCsrfTokenRepository.withHttpOnlyFalse();
        cookie.setCookieName("SWITCHMAN-CSRF");
        cookie.setHeaderName("X-CSRF-TOKEN");
        cookie.setCookiePath("/");
        return cookie;
    }

    /** The cookie's value is the header's, and the cookie is set by the first answer. */
    private static CsrfTokenRequestAttributeHandler csrfHeader() {
        CsrfTokenRequestAttributeHandler handler = new CsrfTokenRequestAttributeHandler();
        handler.setCsrfRequestAttributeName(null);
        return handler;
    }
}
