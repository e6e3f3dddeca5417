package dev.switchman.api;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.www.BasicAuthenticationFilter;
import org.springframework.security.web.context.SecurityContextHolderFilter;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.csrf.CsrfTokenRequestAttributeHandler;
import org.springframework.security.web.firewall.HttpStatusRequestRejectedHandler;
import org.springframework.security.web.firewall.RequestRejectedHandler;
import org.springframework.security.web.header.writers.ContentSecurityPolicyHeaderWriter;
import org.springframework.security.web.header.writers.DelegatingRequestMatcherHeaderWriter;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.NegatedRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

import dev.switchman.config.ServerSettings;
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

    private static final String AUDITOR = Role.AUDITOR.name();
    /** Whoever is in none of the groups has a password and no business here. */
    private static final String[] ANY = {OPERATOR, APPROVER, AUDITOR, ADMIN};

    /**
     * What a page of ours may load: its own files, and nothing from another host. Viewers of diagrams set styles on their
     * elements; Camunda's pages have a policy of their own.
     */
    private static final String OWN_ONLY = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self';"
            + " form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    /** What the engine's interface can do beside the rules of this program, below its root. */
    private static final List<String> ROOTS = List.of("/engine-rest", "/engine-rest/engine/*",
            "/camunda/api/engine/engine/*");

    @Bean
    ProviderManager logins(People people, Clock clock) {
        return new ProviderManager(new PeopleLogin(people, new Brake(clock), clock));
    }

    @Bean
    Login login(People people, LocalToken token, ServerSettings settings, Clock clock, ObjectMapper json) {
        Optional<Issuer> issuer = settings.oidc().map(oidc -> new Issuer(oidc, settings.publicUrl(), clock));
        ProblemWriter problems = new ProblemWriter(json);
        return new Login(new BearerFilter(token, people, issuer.map(SignedTokens::new), problems), new StillIn(people),
                problems, issuer);
    }

    /** The ways to say who one is. Not filters of the servlet container: they stand in the chains below. */
    record Login(BearerFilter tokens, StillIn sessions, ProblemWriter problems, Optional<Issuer> issuer) {}

    /** A path that may mean two things is a bad request, and no fault of the server's. */
    @Bean
    RequestRejectedHandler ambiguousPaths() {
        return new HttpStatusRequestRejectedHandler();
    }

    /** The engine's own interface; its authorizations hold there too. */
    @Bean
    @Order(1)
    SecurityFilterChain engineRest(HttpSecurity http, ProviderManager logins, Login login) throws Exception {
        ProblemWriter problems = login.problems();
        return http.securityMatcher(PATH.matcher("/engine-rest/**"))
                .authenticationManager(logins)
                .addFilterBefore(login.tokens(), BasicAuthenticationFilter.class)
                .httpBasic(basic -> basic.authenticationEntryPoint(problems))
                .exceptionHandling(errors -> errors.authenticationEntryPoint(problems).accessDeniedHandler(problems))
                .sessionManagement(sessions -> sessions.sessionCreationPolicy(STATELESS))
                .csrf(AbstractHttpConfigurer::disable)
                .authorizeHttpRequests(requests -> requests
                        .dispatcherTypeMatchers(DispatcherType.ERROR)
                        .permitAll()
                        .requestMatchers(identities())
                        .denyAll()
                        .requestMatchers(versions())
                        .denyAll()
                        .requestMatchers(beside())
                        .hasRole(ADMIN)
                        .anyRequest()
                        .hasAnyRole(ANY))
                .build();
    }

    @Bean
    @Order(2)
    SecurityFilterChain api(HttpSecurity http, ProviderManager logins, Login login) throws Exception {
        ProblemWriter problems = login.problems();
        return http.securityMatcher(PATH.matcher("/api/**"))
                .authenticationManager(logins)
                .addFilterAfter(login.sessions(), SecurityContextHolderFilter.class)
                .addFilterBefore(login.tokens(), BasicAuthenticationFilter.class)
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
                        .requestMatchers(PATH.matcher(HttpMethod.GET, "/api/health"),
                                PATH.matcher(HttpMethod.GET, "/api/ready"))
                        .permitAll()
                        .requestMatchers(PATH.matcher(HttpMethod.POST, "/api/clusters/*/*"),
                                PATH.matcher(HttpMethod.POST, "/api/runs/*/cancel"))
                        .hasAnyRole(OPERATOR, ADMIN)
                        .requestMatchers(PATH.matcher(HttpMethod.POST, "/api/runs/*/answer"))
                        .hasAnyRole(APPROVER, ADMIN)
                        .requestMatchers(PATH.matcher(HttpMethod.PUT, "/api/users/*/password"))
                        .hasAnyRole(ANY)
                        .requestMatchers(PATH.matcher(HttpMethod.GET, "/api/users/**"),
                                PATH.matcher(HttpMethod.GET, "/api/tokens/**"))
                        .hasAnyRole(AUDITOR, ADMIN)
                        .requestMatchers(PATH.matcher(HttpMethod.GET, "/api/**"))
                        .hasAnyRole(ANY)
                        .anyRequest()
                        .hasRole(ADMIN))
                .build();
    }

    /** Browsers: a login page, a session, and Camunda's webapps, which guard their own forms and set their own headers. */
    @Bean
    @Order(3)
    SecurityFilterChain pages(HttpSecurity http, ProviderManager logins, Login login) throws Exception {
        List<AuthenticationProvider> ways = new ArrayList<>(logins.getProviders());
        if (login.issuer().isPresent()) {
            IssuerLogin.into(http, login.issuer().get());
            ways.add(IssuerLogin.provider(login.issuer().get()));
        }
        return http.authenticationManager(new ProviderManager(ways))
                .addFilterAfter(login.sessions(), SecurityContextHolderFilter.class)
                .formLogin(withDefaults())
                .logout(withDefaults())
                .csrf(csrf -> csrf.csrfTokenRepository(csrfCookie())
                        .csrfTokenRequestHandler(csrfHeader())
                        .ignoringRequestMatchers(PATH.matcher("/camunda/**")))
                .headers(headers -> headers.frameOptions(HeadersConfigurer.FrameOptionsConfig::deny)
                        .referrerPolicy(policy -> policy.policy(ReferrerPolicy.SAME_ORIGIN))
                        .addHeaderWriter(new DelegatingRequestMatcherHeaderWriter(
                                new NegatedRequestMatcher(PATH.matcher("/camunda/**")),
                                new ContentSecurityPolicyHeaderWriter(OWN_ONLY))))
                .authorizeHttpRequests(requests -> requests
                        // ASYNC: the end of a stream of events, whose request was allowed when it came.
                        .dispatcherTypeMatchers(DispatcherType.ERROR, DispatcherType.ASYNC)
                        .permitAll()
                        // Else the first visitor could make himself admin, should there be none.
                        .requestMatchers(PATH.matcher("/camunda/api/admin/setup/**"))
                        .denyAll()
                        .requestMatchers(identities())
                        .denyAll()
                        .requestMatchers(versions())
                        .denyAll()
                        .requestMatchers(beside())
                        .hasRole(ADMIN)
                        .requestMatchers(PATH.matcher("/actuator/**"))
                        .hasRole(ADMIN)
                        .anyRequest()
                        .hasAnyRole(ANY))
                .build();
    }

    /**
     * People, groups and what they may do are changed by {@code switchman user}, whose rules the engine does not know: the
     * last administrator stays, and names are told apart. {@code identity/verify} tries a password without the brake.
     */
    private static RequestMatcher[] identities() {
        return below("user/**", "group/**", "tenant/**", "authorization/**", "identity/verify", "identity/verify/**");
    }

    /** What is gone with its version cannot be shown to anybody, and the version before it would be in force unasked. */
    private static RequestMatcher[] versions() {
        return Arrays.stream(below("deployment/**", "process-definition/**", "decision-definition/**",
                "decision-requirements-definition/**"))
                .map(path -> (RequestMatcher) request -> request.getMethod().equals("DELETE") && path.matches(request))
                .toArray(RequestMatcher[]::new);
    }

    /**
     * A deployment is code that the engine runs. Starting or changing an instance "at this box" goes past the approval
     * before it; a start form cannot name a box.
     */
    private static RequestMatcher[] beside() {
        return below("deployment/**", "process-definition/*/start", "process-definition/key/*/start",
                "process-definition/key/*/tenant-id/*/start", "process-definition/*/restart",
                "process-definition/*/restart-async", "process-instance/*/modification",
                "process-instance/*/modification-async", "modification/**", "migration/**", "message/**", "signal/**",
                "condition/**", "batch/**");
    }

    private static RequestMatcher[] below(String... paths) {
        return ROOTS.stream()
                .flatMap(root -> Arrays.stream(paths).map(path -> changes(root + "/" + path)))
                .toArray(RequestMatcher[]::new);
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
