package dev.caravan.policy;

import dev.caravan.mail.Domain;
import dev.caravan.mail.EmailAddress;
import dev.caravan.mail.Recipient;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;
import java.util.Arrays;
import java.util.List;

/**
 * Who may relay: a trusted client to anywhere, a stranger only to the relay domains. Never an open
 * relay: what this does not permit is refused, here and once more at the end of the question.
 */
public final class RelayPermission {
  private static final SmtpReply DENIED = SmtpReply.of(550, "5.7.1", "Relaying denied");

  private final List<String> relayDomains;
  private final String hostname;
  private final EmailAddress postmaster;

  /**
   * @param relayDomains with commas between; {@code .example.com} includes its sub-domains
   * @param hostname our own name, whose postmaster hears from everybody (RFC 5321, 4.5.1)
   * @param postmaster who gets that mail; empty = the postmaster of the hostname where it is a
   *     relay domain, else of the first relay domain; without any, of the hostname
   * @throws IllegalArgumentException when the postmaster is no address
   */
  public RelayPermission(String relayDomains, String hostname, String postmaster) {
    this.hostname = hostname;
    this.relayDomains =
        Arrays.stream(relayDomains.split(","))
            .map(String::strip)
            .filter(d -> !d.isEmpty())
            .toList();
    this.postmaster =
        postmaster.isEmpty()
            ? new EmailAddress("postmaster", postmasterDomain(new Domain(hostname)))
            : EmailAddress.parse(postmaster);
  }

  /** We are no destination: somebody behind us must have the mailbox. */
  private Domain postmasterDomain(Domain ours) {
    boolean ofOurs = relayDomains.stream().anyMatch(ours::matches);
    return ofOurs || relayDomains.isEmpty()
        ? ours
        : new Domain(relayDomains.getFirst().replaceFirst("^\\.", ""));
  }

  public Recipient check(Recipient question) {
    // An earlier rule may have accepted the recipient; that makes nobody a relay for strangers.
    boolean open = !question.verdict().isRefusal();
    if (open && isOurPostmaster(question.recipient())) {
      return question.withRecipient(postmaster).permitRelay();
    }
    if (open && (question.origin().trusted() || isOurs(question.recipient()))) {
      return question.permitRelay();
    }
    return question.decide(new Verdict.Reject(DENIED));
  }

  private boolean isOurPostmaster(EmailAddress recipient) {
    return recipient.localPart().equalsIgnoreCase("postmaster")
        && recipient.domain().name().equalsIgnoreCase(hostname);
  }

  private boolean isOurs(EmailAddress recipient) {
    Domain domain = recipient.domain();
    return !domain.isLiteral()
        && !routesOnward(recipient.localPart())
        && relayDomains.stream().anyMatch(domain::matches);
  }

  /** {@code user%other@ours} and its kin ask our domain's server to relay in its turn. */
  private static boolean routesOnward(String localPart) {
    return localPart.indexOf('%') >= 0
        || localPart.indexOf('!') >= 0
        || localPart.indexOf('@') >= 0;
  }
}
