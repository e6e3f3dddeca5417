package dev.switchman.config;

import java.net.URI;
import java.util.List;
import java.util.Optional;

import dev.switchman.topology.Secret;

/**
 * An OpenID Connect issuer: {@code switchman.server.oidc}.
 *
 * @param issuer as it stands in its tokens; {@code /.well-known/openid-configuration} is read below it
 * @param clientId what the issuer knows this server as
 * @param clientSecret empty for a public client
 * @param audience whom a token must be made for that is sent to the API; a login must be for the client
 * @param scopes what is asked for at a login
 * @param nameClaim claim that is the person's name here
 * @param groupsClaim claim that names a person's groups; with dots a claim inside of others
 * @param operator values of that claim that make a person an operator, and so on
 */
public record OidcSettings(
        URI issuer,
        String clientId,
        Optional<Secret> clientSecret,
        String audience,
        List<String> scopes,
        String nameClaim,
        String groupsClaim,
        List<String> operator,
        List<String> approver,
        List<String> auditor,
        List<String> admin) {

    public OidcSettings {
        scopes = List.copyOf(scopes);
        operator = List.copyOf(operator);
        approver = List.copyOf(approver);
        auditor = List.copyOf(auditor);
        admin = List.copyOf(admin);
    }
}
