package dev.switchman.api;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ClientRegistrations;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.web.client.RestTemplate;

import dev.switchman.config.OidcSettings;
import dev.switchman.topology.Secret;

/**
 * The OpenID Connect issuer of the configuration. It is asked for its addresses when somebody first needs them and not at
 * the start: a manager of databases starts while the login server is down. Passwords and tokens of the store work then.
 */
final class Issuer implements ClientRegistrationRepository, Iterable<ClientRegistration> {

    private static final Logger LOG = LoggerFactory.getLogger(Issuer.class);

    static final String ID = "oidc";
    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    /** So that a flood of logins does not become a flood of waiting threads. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final OidcSettings settings;
    private final String redirect;
    private final Clock clock;
    private Optional<ClientRegistration> known = Optional.empty();
    private Instant notBefore = Instant.MIN;
    private String failure = "";

    Issuer(OidcSettings settings, Optional<URI> publicUrl, Clock clock) {
        this.settings = settings;
        this.redirect = publicUrl.map(url -> url.toString().replaceAll("/+$", "")).orElse("{baseUrl}")
                + "/login/oauth2/code/" + ID;
        this.clock = clock;
    }

    OidcSettings settings() {
        return settings;
    }

    /** @throws AuthenticationServiceException when the issuer does not tell its addresses */
    synchronized ClientRegistration asked() {
        if (known.isPresent()) {
            return known.get();
        }
        if (clock.instant().isBefore(notBefore)) {
            throw new AuthenticationServiceException(failure);
        }
        try {
            ClientRegistration found = common(ClientRegistrations.fromOidcIssuerLocation(settings.issuer().toString()))
                    .build();
            known = Optional.of(found);
            return found;
        } catch (IllegalArgumentException | IllegalStateException e) {
            failure = "the issuer " + settings.issuer() + " does not tell how to log in; its people come in again"
                    + " once it does";
            notBefore = clock.instant().plus(PATIENCE);
            LOG.warn("{}: {}", failure, e.toString());
            throw new AuthenticationServiceException(failure, e);
        }
    }

    @Override
    public ClientRegistration findByRegistrationId(String id) {
        if (!id.equals(ID)) {
            throw new IllegalArgumentException("no such issuer: \"" + id + "\"");
        }
        return asked();
    }

    /** For the login page, which shows a link: a sketch with the right name, for which the issuer is not asked. */
    @Override
    public Iterator<ClientRegistration> iterator() {
        String nowhere = settings.issuer().toString();
        return List.of(common(ClientRegistration.withRegistrationId(ID)
                .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
                .authorizationUri(nowhere)
                .tokenUri(nowhere)).build()).iterator();
    }

    private ClientRegistration.Builder common(ClientRegistration.Builder registration) {
        registration.registrationId(ID)
                .clientName(settings.issuer().getHost())
                .clientId(settings.clientId())
                .scope(settings.scopes())
                .redirectUri(redirect)
                .userNameAttributeName("sub");
        if (settings.clientSecret().isEmpty()) {
            // The exchange of the code is then proven by PKCE alone.
            registration.clientAuthenticationMethod(ClientAuthenticationMethod.NONE);
        }
        settings.clientSecret().map(Secret::reveal).ifPresent(registration::clientSecret);
        return registration;
    }

    /** Asks within seconds, or not at all. */
    static RestTemplate patient() {
        SimpleClientHttpRequestFactory http = new SimpleClientHttpRequestFactory();
        http.setConnectTimeout(TIMEOUT);
        http.setReadTimeout(TIMEOUT);
        return new RestTemplate(http);
    }
}
