package dev.caravan.smtp;

/**
 * Measures the header of a message while it comes in: what {@link dev.caravan.mail.Header} would
 * read as fields, in octets. Fed in pieces of any size; costs nothing once the header is over.
 */
final class HeaderMeter {
  private enum State {
    LINE_START,
    NAME,
    VALUE,
    OVER
  }

  private State state = State.LINE_START;
  private long octets;

  /** Octets of the lines so far that belong to the header, or may do so. */
  long octets() {
    return octets;
  }

  boolean isOver() {
    return state == State.OVER;
  }

  void feed(byte[] message, int from, int count) {
    int end = from + count;
    for (int at = from; at < end && state != State.OVER; at++) {
      feed(message[at]);
    }
  }

  void feed(byte b) {
    if (state == State.OVER) {
      return;
    }
    boolean first = octets == 0;
    octets++;
    switch (state) {
      case LINE_START -> {
        boolean continued = (b == ' ' || b == '\t') && !first;
        state = continued ? State.VALUE : isName(b) && b != ':' ? State.NAME : State.OVER;
      }
      case NAME -> {
        if (b == ':') {
          state = State.VALUE;
        } else if (!isName(b) && b != ' ' && b != '\t') {
          state = State.OVER;
        }
      }
      case VALUE -> {
        if (b == '\n') {
          state = State.LINE_START;
        }
      }
      case OVER -> {}
    }
  }

  /** Printable ASCII; octets above 127 are negative. */
  private static boolean isName(byte b) {
    return b > ' ' && b != 127;
  }
}
