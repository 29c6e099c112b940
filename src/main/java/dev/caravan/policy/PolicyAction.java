package dev.caravan.policy;

import java.util.Locale;

/** What is done with a stranger's mail that fails a check. Its findings are recorded always. */
public enum PolicyAction {
  /** The client gets a {@code 5xx}. */
  REJECT,
  /** It is accepted and put aside for an operator. */
  QUARANTINE,
  /** It is accepted; who reads its header sees what was found. */
  TAG,
  /** Nothing: only for trying a check out. */
  IGNORE;

  /**
   * Reads one as operators write it, in any case.
   *
   * @throws IllegalArgumentException naming what is allowed
   */
  public static PolicyAction of(String text) {
    for (PolicyAction action : values()) {
      if (action.name().equalsIgnoreCase(text.strip())) {
        return action;
      }
    }
    throw new IllegalArgumentException("'" + text + "' is none of reject, quarantine, tag, ignore");
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
