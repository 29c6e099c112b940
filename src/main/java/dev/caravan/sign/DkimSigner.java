package dev.caravan.sign;

import dev.caravan.mail.Domain;
import dev.caravan.mail.Header;
import dev.caravan.mail.Mail;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.james.mime4j.dom.address.Mailbox;
import org.apache.james.mime4j.field.address.LenientAddressParser;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs mail of our own users when the domain of its From field has a key (RFC 6376, RFC 8463):
 * relaxed/relaxed, one signature for each key. From and the other fields that people see are signed
 * once more than they occur, so that none can be added later.
 *
 * <p>Strangers' mail is not signed: a signature says that we answer for it.
 */
public final class DkimSigner {
  private static final Logger LOG = LoggerFactory.getLogger(DkimSigner.class);

  /** Signed as often as they occur and once more (RFC 6376, 8.15). */
  private static final List<String> OVERSIGNED =
      List.of(
          "from",
          "to",
          "cc",
          "subject",
          "date",
          "reply-to",
          "message-id",
          "mime-version",
          "content-type",
          "content-transfer-encoding");

  /** Signed as often as they occur. */
  private static final Set<String> SIGNED =
      Set.of(
          "sender",
          "in-reply-to",
          "references",
          "list-id",
          "list-unsubscribe",
          "list-unsubscribe-post",
          "list-post",
          "list-help",
          "resent-from",
          "resent-to",
          "resent-date",
          "resent-message-id",
          "auto-submitted",
          "feedback-id");

  private static final int BUFFER = 64 * 1024;

  private final DkimKeys keys;
  private final InstantSource clock;

  public DkimSigner(DkimKeys keys) {
    this(keys, Clock.systemUTC());
  }

  DkimSigner(DkimKeys keys, InstantSource clock) {
    this.keys = keys;
    this.clock = clock;
  }

  /** Signed, or unchanged when it is refused, a stranger's, or of a domain without key. */
  public Mail sign(Mail mail) {
    if (mail.verdict().isRefusal() || !mail.origin().trusted()) {
      return mail;
    }
    Header header = mail.content().header();
    Optional<String> domain = fromDomain(header);
    if (domain.isEmpty()) {
      return mail;
    }
    try {
      List<DkimKey> signing = keys.of(domain.get());
      return signing.isEmpty()
          ? mail
          : mail.prepend(signatures(mail, header, domain.get(), signing));
    } catch (DkimKeys.UnusableKeyException | GeneralSecurityException e) {
      // Unsigned it would fail DMARC for good; later the key may have been mended.
      LOG.error("{}: not signed for {}: {}", mail.id(), domain.get(), e.getMessage());
      return mail.failed(
          new Verdict.Defer(SmtpReply.of(451, "4.7.5", "The mail can't be signed now")));
    }
  }

  /** The domain of the From field; empty unless there is one field with addresses of one domain. */
  static Optional<String> fromDomain(Header header) {
    if (header.count("From") != 1) {
      return Optional.empty();
    }
    try {
      Set<Domain> domains = new HashSet<>();
      for (Mailbox author :
          LenientAddressParser.DEFAULT.parseAddressList(header.value("From")).flatten()) {
        domains.add(new Domain(author.getDomain() == null ? "" : author.getDomain()));
      }
      return domains.size() == 1
          ? domains.stream().filter(d -> !d.isLiteral()).map(Domain::name).findFirst()
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private String signatures(Mail mail, Header header, String domain, List<DkimKey> signing)
      throws GeneralSecurityException {
    String bodyHash = Base64.getEncoder().encodeToString(bodyHash(mail, header));
    List<Header.Field> signed = new ArrayList<>();
    String names = select(header, signed);
    StringBuilder canonical = new StringBuilder(2048);
    signed.forEach(field -> canonical.append(RelaxedHeader.canonical(field)));
    StringBuilder fields = new StringBuilder(1024);
    for (DkimKey key : signing) {
      String unsigned =
          " v=1; a="
              + key.algorithm().tag()
              + "; c=relaxed/relaxed;\r\n\td="
              + domain
              + "; s="
              + key.selector()
              + "; t="
              + clock.instant().getEpochSecond()
              + ";\r\n\tbh="
              + bodyHash
              + ";\r\n\th="
              + names
              + ";\r\n\tb=";
      String data = canonical + RelaxedHeader.canonical("DKIM-Signature", unsigned);
      String b = Base64.getEncoder().encodeToString(signature(key, data));
      fields.append("DKIM-Signature:").append(unsigned).append(folded(b)).append("\r\n");
    }
    return fields.toString();
  }

  private static byte[] signature(DkimKey key, String data) throws GeneralSecurityException {
    byte[] octets = data.getBytes(StandardCharsets.ISO_8859_1);
    return switch (key.algorithm()) {
      case RSA_SHA256 -> Crypto.rsaSha256(key.key(), octets);
      case ED25519_SHA256 -> Crypto.ed25519(key.key(), sha256().digest(octets));
    };
  }

  /** The names for {@code h=}; the fields are added in that order, each name's from the bottom. */
  private static String select(Header header, List<Header.Field> signed) {
    List<String> names = new ArrayList<>();
    List<Header.Field> bottomUp = header.fields().reversed();
    for (Header.Field field : bottomUp) {
      String name = field.name().toLowerCase(Locale.ROOT);
      if (OVERSIGNED.contains(name) || SIGNED.contains(name)) {
        names.add(name);
        signed.add(field);
      }
    }
    names.addAll(OVERSIGNED);
    StringBuilder list = new StringBuilder();
    int column = 0;
    for (String name : names) {
      if (!list.isEmpty()) {
        list.append(':');
        column++;
      }
      if (column + name.length() > 66) {
        list.append("\r\n\t ");
        column = 0;
      }
      list.append(name);
      column += name.length();
    }
    return list.toString();
  }

  private static String folded(String base64) {
    StringBuilder folded = new StringBuilder(base64.length() + 32);
    for (int i = 0; i < base64.length(); i += 72) {
      folded.append(i == 0 ? "" : "\r\n\t ");
      folded.append(base64, i, Math.min(base64.length(), i + 72));
    }
    return folded.toString();
  }

  private static byte[] bodyHash(Mail mail, Header header) {
    RelaxedBody body = new RelaxedBody(sha256());
    try (InputStream in = mail.content().open()) {
      in.skipNBytes(header.octets());
      byte[] buffer = new byte[BUFFER];
      int n = in.readNBytes(buffer, 0, 2);
      int start = emptyLine(buffer, n);
      body.write(buffer, start, n - start);
      for (n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        body.write(buffer, 0, n);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return body.hash();
  }

  /** Octets of the empty line between header and body. */
  private static int emptyLine(byte[] octets, int count) {
    if (count >= 2 && octets[0] == '\r' && octets[1] == '\n') {
      return 2;
    }
    return count >= 1 && octets[0] == '\n' ? 1 : 0;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }
}
