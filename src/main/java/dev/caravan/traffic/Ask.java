package dev.caravan.traffic;

/**
 * A mail that asks for its turn, by what limits may count.
 *
 * @param site where it goes
 * @param senderDomain of its reverse path; empty for {@code <>}
 * @param user who sent it, when somebody had logged in; may be empty
 * @param campaign what its campaign header says; may be empty
 */
public record Ask(String site, String senderDomain, String user, String campaign) {
  /** A mail of nobody in particular. */
  public static Ask of(String site) {
    return new Ask(site, "", "", "");
  }
}
