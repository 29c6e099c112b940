package dev.caravan.traffic;

import dev.caravan.delivery.SourcePool;
import java.util.Optional;

/**
 * A mail that asks for its turn, by what limits may count.
 *
 * @param site where it goes
 * @param senderDomain of its reverse path; empty for {@code <>}
 * @param user who sent it, when somebody had logged in; may be empty
 * @param campaign what its campaign header says; may be empty
 * @param mailId its name; needed only with a pool
 * @param pool where it may start from; empty when nobody minds, or it is not known yet
 */
public record Ask(
    String site,
    String senderDomain,
    String user,
    String campaign,
    String mailId,
    Optional<SourcePool> pool) {
  /** Wherever it starts from. */
  public Ask(String site, String senderDomain, String user, String campaign) {
    this(site, senderDomain, user, campaign, "", Optional.empty());
  }

  /** A mail of nobody in particular. */
  public static Ask of(String site) {
    return new Ask(site, "", "", "");
  }
}
