package dev.caravan.policy;

import dev.caravan.mail.Finding;
import dev.caravan.mail.Header;
import dev.caravan.mail.Mail;
import dev.caravan.mail.Origin;
import dev.caravan.mail.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Writes what the checks found before the message: {@code Authentication-Results} (RFC 8601) and,
 * when SPF was evaluated, {@code Received-SPF} (RFC 7208, 9.1). Takes out what claims to be such a
 * field of ours in mail from outside (RFC 8601, 5); mail of the relay networks keeps it, because it
 * may have come through here before. A mail that is refused anyway is left as it is.
 */
public final class AuthenticationResults {
  private static final String FIELD = "Authentication-Results";
  private static final Set<String> METHODS = Set.of("spf", "dkim", "dmarc", "arc", "iprev", "auth");
  private static final int MAX_FINDINGS = 50;

  private final String hostname;

  /**
   * @param hostname our name, the authserv-id of the fields
   */
  public AuthenticationResults(String hostname) {
    this.hostname = hostname;
  }

  public Mail record(Mail mail) {
    return switch (mail.verdict()) {
      case Verdict.Reject r -> mail;
      case Verdict.Defer d -> mail;
      case Verdict.Close c -> mail;
      case Verdict.Accept a -> recorded(withoutForgeries(mail));
      case Verdict.Undecided u -> recorded(withoutForgeries(mail));
    };
  }

  private Mail recorded(Mail mail) {
    List<Finding> results =
        Stream.concat(reverseName(mail.origin()), mail.findings().stream())
            .filter(finding -> METHODS.contains(finding.method()))
            .limit(MAX_FINDINGS)
            .toList();
    if (results.isEmpty()) {
      return mail;
    }
    AuthenticationFields fields = new AuthenticationFields(hostname, mail);
    String spf =
        results.stream()
            .filter(finding -> finding.method().equals("spf"))
            .findFirst()
            .map(fields::receivedSpf)
            .orElse("");
    return mail.prepend(spf + fields.authenticationResults(results));
  }

  /** What the route {@code connection} found out (RFC 8601, 2.7.3), if it was asked. */
  private static Stream<Finding> reverseName(Origin origin) {
    return origin.reverseName().stream()
        .map(name -> new Finding("iprev", "pass", name, Map.of("policy.iprev", origin.address())));
  }

  private Mail withoutForgeries(Mail mail) {
    boolean ours = mail.origin().trusted() && mail.origin().user().isEmpty();
    return ours ? mail : mail.withoutFields(f -> f.is(FIELD) && claimsToBeOurs(f));
  }

  private boolean claimsToBeOurs(Header.Field field) {
    String id = authservId(field.value());
    String bare = id.endsWith(".") ? id.substring(0, id.length() - 1) : id;
    return bare.equalsIgnoreCase(hostname);
  }

  /** The first word, read as leniently as the most lenient reader might: comments, quotes. */
  static String authservId(String value) {
    int at = 0;
    int depth = 0;
    StringBuilder id = new StringBuilder();
    boolean quoted = false;
    for (; at < value.length(); at++) {
      char c = value.charAt(at);
      boolean escape = c == '\\' && at + 1 < value.length() && (quoted || depth > 0);
      if (escape) {
        at++;
        if (quoted) {
          id.append(value.charAt(at));
        }
      } else if (quoted) {
        if (c == '"') {
          break;
        }
        id.append(c);
      } else if (c == '(') {
        depth++;
      } else if (c == ')' && depth > 0) {
        depth--;
      } else if (depth == 0) {
        boolean space = c == ' ' || c == '\t';
        if (c == '"' && id.isEmpty()) {
          quoted = true;
        } else if (!space && ";/=,\"".indexOf(c) < 0) {
          id.append(c);
        } else if (!space || !id.isEmpty()) {
          break;
        }
      }
    }
    return id.toString();
  }
}
