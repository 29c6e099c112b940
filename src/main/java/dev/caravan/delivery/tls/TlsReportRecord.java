package dev.caravan.delivery.tls;

import dev.caravan.mail.EmailAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where a domain wants its reports (RFC 8460, 3): {@code v=TLSRPTv1; rua=mailto:…,https:…}.
 *
 * @param addresses to send a mail to
 * @param uris to post to: https, port 443
 */
record TlsReportRecord(List<EmailAddress> addresses, List<URI> uris) {
  private static final int TARGETS_MAX = 5;
  private static final int HTTPS_PORT = 443;
  private static final TlsReportRecord NONE = new TlsReportRecord(List.of(), List.of());

  /** Of the TXT records of {@code _smtp._tls.DOMAIN}; nothing without exactly one that counts. */
  static TlsReportRecord parse(List<String> texts) {
    List<String> records = texts.stream().filter(t -> t.matches("v=TLSRPTv1[ \\t]*;.*")).toList();
    if (records.size() != 1) {
      return NONE;
    }
    List<EmailAddress> addresses = new ArrayList<>();
    List<URI> uris = new ArrayList<>();
    for (String field : records.getFirst().split(";", -1)) {
      String stripped = field.strip();
      if (stripped.startsWith("rua=")) {
        for (String target : stripped.substring("rua=".length()).split(",", -1)) {
          if (addresses.size() + uris.size() < TARGETS_MAX) {
            read(target.strip(), addresses, uris);
          }
        }
      }
    }
    return new TlsReportRecord(List.copyOf(addresses), List.copyOf(uris));
  }

  private static void read(String target, List<EmailAddress> addresses, List<URI> uris) {
    String lower = target.toLowerCase(Locale.ROOT);
    try {
      if (lower.startsWith("mailto:")) {
        String address = target.substring("mailto:".length()).split("\\?", 2)[0];
        addresses.add(
            EmailAddress.parse(
                URLDecoder.decode(address.replace("+", "%2B"), StandardCharsets.UTF_8)));
      } else if (lower.startsWith("https:")) {
        URI uri = new URI(target);
        boolean usual = uri.getPort() < 0 || uri.getPort() == HTTPS_PORT;
        if (uri.getHost() != null && uri.getUserInfo() == null && usual) {
          uris.add(uri);
        }
      }
    } catch (IllegalArgumentException | URISyntaxException e) {
      // the others may be right
    }
  }
}
