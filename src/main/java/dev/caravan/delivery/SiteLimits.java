package dev.caravan.delivery;

import java.util.OptionalInt;

/** What some sites are given that differs from what the keys say. Safe for use by many threads. */
public interface SiteLimits {
  /** No site is special. */
  SiteLimits NONE =
      new SiteLimits() {
        @Override
        public OptionalInt concurrency(String site) {
          return OptionalInt.empty();
        }

        @Override
        public OptionalInt messagesPerConnection(String site) {
          return OptionalInt.empty();
        }

        @Override
        public OptionalInt recipientsPerTransaction(String site) {
          return OptionalInt.empty();
        }
      };

  /** Deliveries at the same time. */
  OptionalInt concurrency(String site);

  /** Mails over one connection before a new one is made. */
  OptionalInt messagesPerConnection(String site);

  /** Recipients of one transaction; a mail with more goes in several. */
  OptionalInt recipientsPerTransaction(String site);
}
