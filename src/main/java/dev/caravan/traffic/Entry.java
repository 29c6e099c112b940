package dev.caravan.traffic;

import dev.caravan.delivery.Source;
import java.util.Optional;

/** Whether a mail may be tried now. */
public sealed interface Entry {
  /** It may; closing gives the place back. Closing twice does nothing. */
  non-sealed interface Turn extends Entry, AutoCloseable {
    @Override
    void close();

    /** From where the mail is to be sent; empty when nobody minds. */
    default Optional<Source> source() {
      return Optional.empty();
    }
  }

  /**
   * Not now.
   *
   * @param why for operators: which limit, or what the site said last
   * @param told the same for senders, who need not know what operators think
   * @param nanos when it is worth asking again at the latest
   * @param lane where such mail waits without being in the way of other mail: the site, or what
   *     else is at its limit
   */
  record Later(String why, String told, long nanos, String lane) implements Entry {}
}
