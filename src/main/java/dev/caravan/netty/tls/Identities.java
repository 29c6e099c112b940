package dev.caravan.netty.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Chooses the certificate by the name that the client asks for; the first is the default. */
final class Identities extends X509ExtendedKeyManager {
  private final List<Identity> all;

  Identities(List<Identity> all) {
    this.all = List.copyOf(all);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    Optional<String> host =
        engine.getHandshakeSession() instanceof ExtendedSSLSession session
            ? session.getRequestedServerNames().stream()
                .filter(SNIHostName.class::isInstance)
                .map(name -> ((SNIHostName) name).getAsciiName())
                .findFirst()
            : Optional.empty();
    String fallback = null;
    for (int i = 0; i < all.size(); i++) {
      Identity identity = all.get(i);
      if (!identity.isOf(keyType)) {
        continue;
      }
      if (host.filter(identity::isFor).isPresent()) {
        return Integer.toString(i);
      }
      if (fallback == null) {
        fallback = Integer.toString(i);
      }
    }
    // A name's own certificate goes before a default of the kind of key that is tried first.
    boolean better = host.isPresent() && all.stream().anyMatch(i -> i.isFor(host.get()));
    return better ? null : fallback;
  }

  private @Nullable Identity identity(@Nullable String alias) {
    return alias == null ? null : all.get(Integer.parseInt(alias));
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(@Nullable String alias) {
    Identity identity = identity(alias);
    return identity == null ? null : identity.chain().toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(@Nullable String alias) {
    Identity identity = identity(alias);
    return identity == null ? null : identity.key();
  }

  @Override
  public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return new String[0];
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }

  @Override
  public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return new String[0];
  }

  @Override
  public @Nullable String chooseClientAlias(
      String @Nullable [] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }
}
