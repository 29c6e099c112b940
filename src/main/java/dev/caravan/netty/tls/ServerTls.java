package dev.caravan.netty.tls;

import dev.caravan.mail.Durations;
import dev.caravan.mail.TlsFacts;
import dev.caravan.mail.TlsFacts.Octets;
import dev.caravan.netty.Encryption;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates of the server, from PEM files that are looked at every few seconds: a new
 * certificate is used from the next connection on. A pair that can't be used leaves the one before
 * it in force and is told in the log.
 */
public final class ServerTls implements Encryption, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);
  private static final long LOOK_NANOS = Duration.ofSeconds(2).toNanos();
  private static final Duration WARN_BEFORE = Duration.ofDays(14);
  private static final int BINDING_OCTETS = 32;

  private final List<Path> certificates;
  private final List<Path> keys;
  private final String keyPassword;
  private final Optional<Path> clientAuthority;
  private final Duration handshakeTimeout;
  private final AtomicBoolean looking = new AtomicBoolean();

  /** Handshakes compute for milliseconds, which an event loop hasn't got. */
  private final ExecutorService computing =
      Executors.newFixedThreadPool(
          Runtime.getRuntime().availableProcessors(),
          Thread.ofPlatform().name("tls-", 0).daemon().factory());

  private volatile @Nullable Loaded loaded;
  private volatile List<FileTime> seen = List.of();
  private volatile long looked;

  /** What the files gave. */
  private record Loaded(
      Map<Profile, SslContext> contexts, Optional<Clients> clients, Instant notAfter) {}

  /**
   * @param certificates PEM files with commas between; the first is the default, the others are for
   *     clients that ask for one of their names. Empty = no TLS
   * @param keys a PEM file for each, in the same order
   * @param keyPassword of encrypted keys; empty = they are not
   * @param clientAuthority PEM file of who vouches for clients; empty = nobody
   * @param handshakeTimeout how long a client may take to begin
   */
  public ServerTls(
      String certificates,
      String keys,
      String keyPassword,
      String clientAuthority,
      String handshakeTimeout) {
    this.certificates = files(certificates);
    this.keys = files(keys);
    this.keyPassword = keyPassword;
    this.clientAuthority = files(clientAuthority).stream().findFirst();
    this.handshakeTimeout = Durations.parse(handshakeTimeout);
    if (this.certificates.size() != this.keys.size()) {
      throw new IllegalArgumentException(
          "caravan.tls.certificate and caravan.tls.key must name as many files each");
    }
    look();
  }

  private static List<Path> files(String text) {
    return Arrays.stream(text.split(","))
        .map(String::strip)
        .filter(s -> !s.isEmpty())
        .map(Path::of)
        .toList();
  }

  @Override
  public boolean isAvailable() {
    lookSoon();
    return loaded != null;
  }

  /** When the first of the certificates expires; empty without any. */
  public Optional<Instant> notAfter() {
    return Optional.ofNullable(loaded).map(Loaded::notAfter);
  }

  @Override
  public SslHandler handler(ByteBufAllocator alloc, String profile) {
    lookSoon();
    Loaded now = loaded;
    SslContext context = now == null ? null : now.contexts().get(Profile.of(profile));
    if (context == null) {
      throw new IllegalStateException("there is no certificate");
    }
    SslHandler handler = context.newHandler(alloc, computing);
    handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
    return handler;
  }

  @Override
  public TlsFacts facts(SslHandler handler) {
    SSLSession session = handler.engine().getSession();
    Optional<Octets> exporter = Optional.empty();
    Optional<String> name = Optional.empty();
    if (session instanceof ExtendedSSLSession extended) {
      exporter = exporter(extended);
      name =
          extended.getRequestedServerNames().stream()
              .filter(SNIHostName.class::isInstance)
              .map(n -> ((SNIHostName) n).getAsciiName())
              .findFirst();
    }
    Loaded now = loaded;
    return new TlsFacts(
        session.getProtocol(),
        session.getCipherSuite(),
        name,
        now == null ? Optional.empty() : now.clients().flatMap(c -> c.identify(session)),
        exporter,
        endPoint(session.getLocalCertificates()));
  }

  /** RFC 9266: only TLS 1.3 makes it unique without more ado. */
  private static Optional<Octets> exporter(ExtendedSSLSession session) {
    if (!session.getProtocol().equals("TLSv1.3")) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          Octets.of(
              session.exportKeyingMaterialData(
                  "EXPORTER-Channel-Binding", new byte[0], BINDING_OCTETS)));
    } catch (SSLException | UnsupportedOperationException e) {
      LOG.debug("no channel binding", e);
      return Optional.empty();
    }
  }

  /** RFC 5929, 4.1: the certificate's digest by its own signature's, but not by a weak one. */
  private static Optional<Octets> endPoint(Certificate @Nullable [] local) {
    if (local == null || !(local[0] instanceof X509Certificate own)) {
      return Optional.empty();
    }
    String signature = own.getSigAlgName().toUpperCase(Locale.ROOT);
    String digest =
        signature.startsWith("SHA384")
            ? "SHA-384"
            : signature.startsWith("SHA512") ? "SHA-512" : "SHA-256";
    try {
      return Optional.of(Octets.of(MessageDigest.getInstance(digest).digest(own.getEncoded())));
    } catch (GeneralSecurityException e) {
      LOG.debug("no channel binding", e);
      return Optional.empty();
    }
  }

  /** Files are looked at elsewhere: whoever asks has an event loop to serve. */
  private void lookSoon() {
    boolean due = System.nanoTime() - looked > LOOK_NANOS;
    if (due && !certificates.isEmpty() && looking.compareAndSet(false, true)) {
      Thread.ofVirtual()
          .name("tls-files")
          .start(
              () -> {
                try {
                  look();
                } finally {
                  looking.set(false);
                }
              });
    }
  }

  private void look() {
    looked = System.nanoTime();
    if (certificates.isEmpty()) {
      return;
    }
    List<FileTime> times = times();
    if (times.equals(seen)) {
      return;
    }
    seen = times;
    try {
      Loaded fresh = load();
      loaded = fresh;
      LOG.info("TLS with {}, valid until {}", certificates, fresh.notAfter());
      if (fresh.notAfter().isBefore(Instant.now().plus(WARN_BEFORE))) {
        LOG.warn("a certificate of {} expires at {}", certificates, fresh.notAfter());
      }
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      LOG.error(
          "the certificates can't be used{}: {}",
          loaded == null ? ", so there is no TLS" : ", those before stay in force",
          e.toString());
    }
  }

  private List<FileTime> times() {
    List<Path> all = new ArrayList<>(certificates);
    all.addAll(keys);
    clientAuthority.ifPresent(all::add);
    List<FileTime> times = new ArrayList<>();
    for (Path file : all) {
      try {
        times.add(Files.getLastModifiedTime(file));
        times.add(FileTime.fromMillis(Files.size(file)));
      } catch (IOException e) {
        times.add(FileTime.fromMillis(0));
      }
    }
    return times;
  }

  private Loaded load() throws IOException, GeneralSecurityException {
    List<Identity> identities = new ArrayList<>();
    Instant notAfter = Instant.MAX;
    for (int i = 0; i < certificates.size(); i++) {
      Identity identity =
          Identity.of(
              PemFiles.certificates(certificates.get(i)), PemFiles.key(keys.get(i), keyPassword));
      identities.add(identity);
      Instant end = identity.chain().getFirst().getNotAfter().toInstant();
      notAfter = end.isBefore(notAfter) ? end : notAfter;
    }
    Optional<Clients> clients = Optional.empty();
    if (clientAuthority.isPresent()) {
      clients = Optional.of(Clients.of(PemFiles.certificates(clientAuthority.get())));
    }
    Map<Profile, SslContext> contexts = new EnumMap<>(Profile.class);
    for (Profile profile : Profile.values()) {
      contexts.put(profile, context(profile, new Identities(identities), clients));
    }
    return new Loaded(contexts, clients, notAfter);
  }

  private static SslContext context(
      Profile profile, Identities identities, Optional<Clients> clients) throws SSLException {
    SslContextBuilder builder =
        SslContextBuilder.forServer(identities)
            .sslProvider(SslProvider.JDK)
            .protocols(profile.protocols())
            .ciphers(profile.ciphers(), SupportedCipherSuiteFilter.INSTANCE);
    if (clients.isPresent()) {
      builder.trustManager(clients.get()).clientAuth(ClientAuth.OPTIONAL);
    }
    return builder.build();
  }

  @Override
  public void close() {
    computing.shutdownNow();
  }
}
