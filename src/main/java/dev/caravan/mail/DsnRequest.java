package dev.caravan.mail;

import java.util.Set;

/**
 * What a client asked for one recipient (RFC 3461, 4.1 and 4.2).
 *
 * @param notifications of what the sender wants to be told; empty when the client did not say,
 *     which means failures, and delays as we see fit
 * @param originalRecipient ORCPT as the client wrote it, {@code rfc822;Bob@example.com} in xtext;
 *     empty without
 */
public record DsnRequest(Set<Notify> notifications, String originalRecipient) {
  public static final DsnRequest NONE = new DsnRequest(Set.of(), "");

  /** When to tell the sender. */
  public enum Notify {
    /** Alone only. */
    NEVER,
    SUCCESS,
    FAILURE,
    DELAY
  }

  /**
   * @throws IllegalArgumentException when NEVER is not alone
   */
  public DsnRequest {
    notifications = Set.copyOf(notifications);
    if (notifications.contains(Notify.NEVER) && notifications.size() > 1) {
      throw new IllegalArgumentException("NOTIFY=NEVER stands alone");
    }
  }

  /** Whether the sender is told that the recipient can't be reached. */
  public boolean wantsFailure() {
    return notifications.isEmpty() || notifications.contains(Notify.FAILURE);
  }

  /** Whether the sender is told that it takes longer. */
  public boolean wantsDelay() {
    return notifications.isEmpty() || notifications.contains(Notify.DELAY);
  }

  /** Whether the sender is told of a success. */
  public boolean wantsSuccess() {
    return notifications.contains(Notify.SUCCESS);
  }
}
