package dev.caravan.delivery.tls;

import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whether a certificate is for a name (RFC 6125; RFC 9525): by its alternative names only, never by
 * the common name. A wildcard stands for one whole label, the first, above at least two others.
 */
final class CertificateNames {
  private static final int DNS_NAME = 2;
  private static final int IP_ADDRESS = 7;

  private CertificateNames() {}

  /**
   * Whether it is for one of these.
   *
   * @param wanted host names, addresses, or {@code .example.com} for whatever is below that name
   */
  static boolean match(X509Certificate certificate, Collection<String> wanted) {
    for (List<?> name : names(certificate)) {
      if (name.size() < 2 || !(name.get(0) instanceof Integer type)) {
        continue;
      }
      if (!(name.get(1) instanceof String presented)) {
        continue;
      }
      boolean found =
          switch (type) {
            case DNS_NAME -> wanted.stream().anyMatch(w -> isName(presented, w));
            case IP_ADDRESS -> wanted.stream().anyMatch(w -> isAddress(presented, w));
            default -> false;
          };
      if (found) {
        return true;
      }
    }
    return false;
  }

  /** The host names that it is for, as it writes them. */
  static List<String> hosts(X509Certificate certificate) {
    List<String> hosts = new ArrayList<>();
    for (List<?> name : names(certificate)) {
      if (name.size() > 1
          && Integer.valueOf(DNS_NAME).equals(name.get(0))
          && name.get(1) instanceof String host) {
        hosts.add(host);
      }
    }
    return hosts;
  }

  private static Collection<List<?>> names(X509Certificate certificate) {
    try {
      @Nullable Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null ? List.of() : names;
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }

  static boolean isName(String presented, String wanted) {
    String p = presented.toLowerCase(Locale.ROOT);
    String w = wanted.toLowerCase(Locale.ROOT);
    boolean wildcard = p.startsWith("*.");
    if (p.indexOf('*', wildcard ? 1 : 0) >= 0 || p.isEmpty() || p.startsWith(".")) {
      return false;
    }
    if (w.startsWith(".")) {
      return p.endsWith(w);
    }
    if (!wildcard) {
      return p.equals(w);
    }
    String above = p.substring(1);
    int dot = w.indexOf('.');
    return above.indexOf('.', 1) > 0 && dot > 0 && w.substring(dot).equals(above);
  }

  private static boolean isAddress(String presented, String wanted) {
    try {
      return wanted.matches("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
          && InetAddress.ofLiteral(presented).equals(InetAddress.ofLiteral(wanted));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
