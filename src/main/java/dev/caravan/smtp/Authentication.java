package dev.caravan.smtp;

import dev.caravan.mail.Origin;
import dev.caravan.mail.SmtpReply;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How clients log in (RFC 4954), as the session sees it. Safe for use by many threads. */
public interface Authentication {
  /** Nobody can log in. */
  Authentication NONE =
      new Authentication() {
        @Override
        public List<String> offered(Origin origin) {
          return List.of();
        }

        @Override
        public boolean hasUsers() {
          return false;
        }

        @Override
        public Optional<Exchange> begin(String mechanism, Origin origin) {
          return Optional.empty();
        }
      };

  /** The mechanisms that this client may use now, for EHLO. Does not block. */
  List<String> offered(Origin origin);

  /** Whether anybody could log in at all. May read a file. */
  boolean hasUsers();

  /**
   * Begins with a mechanism that was offered. Does not block.
   *
   * @param mechanism in upper case
   * @return empty when there is none of this name
   */
  Optional<Exchange> begin(String mechanism, Origin origin);

  /** One try to log in; used by one thread at a time. */
  interface Exchange {
    /**
     * What comes next. May block for a password hash, a database or another server.
     *
     * @param response of the client, decoded; at first its initial response
     */
    Result next(Optional<byte[]> response);
  }

  /** What comes next in an exchange. */
  sealed interface Result {
    /** The client has to answer this. */
    record Challenge(byte[] data) implements Result {}

    /** It is who it says. */
    record Success(String user) implements Result {}

    /**
     * It is not, or that can't be found out now.
     *
     * @param delay before the client hears it
     */
    record Failure(SmtpReply reply, Duration delay) implements Result {}
  }
}
