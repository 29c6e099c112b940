package dev.caravan.delivery.auth;

import java.util.Optional;

/** A bean that can tell whether it is complete. */
public interface SelfCheck {
  /** What is missing or does not go together, for people; reads no secret and asks nobody. */
  Optional<String> problem();
}
