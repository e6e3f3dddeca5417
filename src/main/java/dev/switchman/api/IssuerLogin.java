package dev.switchman.api;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.StreamSupport;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.oauth2.client.endpoint.RestClientAuthorizationCodeTokenResponseClient;
import org.springframework.security.oauth2.client.oidc.authentication.OidcAuthorizationCodeAuthenticationProvider;
import org.springframework.security.oauth2.client.oidc.authentication.OidcIdTokenDecoderFactory;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserService;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestRedirectFilter;
import org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.HtmlUtils;

import dev.switchman.runbook.People.Person;

/** Lets browsers log in at the issuer; the session is the same as after a login with a password. */
final class IssuerLogin {

    private static final String BEGIN = OAuth2AuthorizationRequestRedirectFilter.DEFAULT_AUTHORIZATION_REQUEST_BASE_URI
            + "/" + Issuer.ID;
    private static final Logger LOG = LoggerFactory.getLogger(IssuerLogin.class);

    private IssuerLogin() {}

    static void into(HttpSecurity http, Issuer issuer) throws Exception {
        http.addFilterBefore(new IssuerAsked(issuer), OAuth2AuthorizationRequestRedirectFilter.class)
                .oauth2Login(login -> login.clientRegistrationRepository(issuer)
                        .failureHandler((request, response, e) -> refuse(response, e)));
    }

    /** @return what checks the code that a browser brings from the issuer, and reads who came */
    static AuthenticationProvider provider(Issuer issuer) {
        OidcUserService users = new OidcUserService();
        OidcAuthorizationCodeAuthenticationProvider provider = new OidcAuthorizationCodeAuthenticationProvider(
                new RestClientAuthorizationCodeTokenResponseClient(), request -> {
                    OidcUser user = users.loadUser(request);
                    return new NamedUser(IssuedPerson.of(user.getClaims(), issuer.settings()), user);
                });
        OidcIdTokenDecoderFactory tokens = new OidcIdTokenDecoderFactory();
        tokens.setJwsAlgorithmResolver(IssuerLogin::algorithm);
        provider.setJwtDecoderFactory(tokens);
        return provider;
    }

    /** The name may stand in a claim inside of others, where Spring's own would not find it. */
    private static final class NamedUser extends DefaultOidcUser {

        private static final long serialVersionUID = 1L;

        private final String name;

        NamedUser(Person person, OidcUser user) {
            super(PeopleLogin.authorities(person), user.getIdToken(), user.getUserInfo());
            this.name = person.name();
        }

        @Override
        public String getName() {
            return name;
        }
    }

    /** Says so when the issuer does not answer. */
    private static final class IssuerAsked extends OncePerRequestFilter {

        private final Issuer issuer;

        IssuerAsked(Issuer issuer) {
            this.issuer = issuer;
        }

        @Override
        protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws ServletException, IOException {
            if (request.getRequestURI().equals(BEGIN)) {
                try {
                    issuer.asked();
                } catch (AuthenticationServiceException e) {
                    refuse(response, e);
                    return;
                }
            }
            chain.doFilter(request, response);
        }
    }

    /** Spring's login page would say "invalid credentials", which is not what is wrong. */
    private static void refuse(HttpServletResponse response, AuthenticationException e) throws IOException {
        LOG.info("somebody did not come in from the issuer: {}", e.getMessage());
        boolean down = e instanceof AuthenticationServiceException;
        response.setStatus((down ? HttpStatus.SERVICE_UNAVAILABLE : HttpStatus.FORBIDDEN).value());
        response.setContentType("text/html;charset=UTF-8");
        response.getWriter()
                .write("<!DOCTYPE html><title>Not logged in</title><p>Not logged in: "
                        + HtmlUtils.htmlEscape(String.valueOf(e.getMessage()))
                        + "<p><a href=\"/login\">To the login</a>");
    }

    /** RS256 where the issuer signs with it; else what it names first. */
    private static SignatureAlgorithm algorithm(ClientRegistration registration) {
        Object named = registration.getProviderDetails()
                .getConfigurationMetadata()
                .get("id_token_signing_alg_values_supported");
        List<SignatureAlgorithm> known = named instanceof Iterable<?> names
                ? StreamSupport.stream(names.spliterator(), false)
                        .map(name -> SignatureAlgorithm.from(String.valueOf(name)))
                        .filter(Objects::nonNull)
                        .toList()
                : List.of();
        return known.isEmpty() || known.contains(SignatureAlgorithm.RS256)
                ? SignatureAlgorithm.RS256
                : known.getFirst();
    }
}
