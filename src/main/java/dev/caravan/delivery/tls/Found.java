package dev.caravan.delivery.tls;

import dev.caravan.mail.Domain;
import java.util.List;

/**
 * The policy that a domain publishes, as a report names it (RFC 8460, 4.2).
 *
 * @param text the TLSA records or the lines of the MTA-STS policy
 * @param mxPatterns of an MTA-STS policy
 */
public record Found(Type type, Domain domain, List<String> text, List<String> mxPatterns) {
  /** What kind of policy it is. */
  public enum Type {
    TLSA("tlsa"),
    STS("sts"),
    NONE("no-policy-found");

    private final String text;

    Type(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  public Found {
    text = List.copyOf(text);
    mxPatterns = List.copyOf(mxPatterns);
  }

  static Found none(Domain domain) {
    return new Found(Type.NONE, domain, List.of(), List.of());
  }
}
