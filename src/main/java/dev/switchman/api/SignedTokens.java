package dev.switchman.api;

import java.util.List;
import java.util.Optional;

import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

import dev.switchman.runbook.People.Person;

/** Tokens that the issuer has signed for this server, sent to the API as they are. */
final class SignedTokens {

    private final Issuer issuer;
    private Optional<JwtDecoder> decoder = Optional.empty();

    SignedTokens(Issuer issuer) {
        this.issuer = issuer;
    }

    /** @return whether it has the three parts of a JWT; nothing is said of its worth */
    static boolean looksSigned(String token) {
        return token.matches("[\\w-]+\\.[\\w-]+\\.[\\w-]+");
    }

    /**
     * @return who the token is for: the signature is the issuer's, it has not expired, and names this server as audience
     * @throws org.springframework.security.core.AuthenticationException saying what is wrong with it
     */
    Person person(String token) {
        Jwt jwt;
        try {
            jwt = decoder().decode(token);
        } catch (BadJwtException e) {
            throw new BadCredentialsException("this token is not good: " + e.getMessage(), e);
        } catch (JwtException e) {
            throw new AuthenticationServiceException(
                    "the issuer's keys cannot be had, and without them no token can be checked: " + e.getMessage(), e);
        }
        return IssuedPerson.of(jwt.getClaims(), issuer.settings());
    }

    private synchronized JwtDecoder decoder() {
        if (decoder.isEmpty()) {
            NimbusJwtDecoder made = NimbusJwtDecoder
                    .withJwkSetUri(issuer.asked().getProviderDetails().getJwkSetUri())
                    .jwsAlgorithms(all -> all.addAll(List.of(SignatureAlgorithm.values())))
                    .restOperations(Issuer.patient())
                    .build();
            String audience = issuer.settings().audience();
            made.setJwtValidator(new DelegatingOAuth2TokenValidator<>(
                    JwtValidators.createDefaultWithIssuer(issuer.settings().issuer().toString()),
                    new JwtClaimValidator<List<String>>("aud", all -> all != null && all.contains(audience))));
            decoder = Optional.of(made);
        }
        return decoder.get();
    }
}
