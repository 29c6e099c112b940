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
  private long name;

  /** Octets of the header so far; a line counts as soon as it is known to be a field. */
  long octets() {
    return octets;
  }

  boolean isOver() {
    return state == State.OVER;
  }

  void feed(byte[] message, int from, int count) {
    int end = from + count;
    int at = from;
    while (at < end && state != State.OVER) {
      if (state == State.VALUE) {
        int stop = LineEnds.next(message, at, end);
        octets += stop - at;
        at = stop;
      }
      if (at < end) {
        feed(message[at++]);
      }
    }
  }

  void feed(byte b) {
    if (state == State.OVER) {
      return;
    }
    switch (state) {
      case LINE_START -> {
        boolean continued = (b == ' ' || b == '\t') && octets > 0;
        if (continued) {
          octets++;
          state = State.VALUE;
        } else {
          name = 1;
          state = isName(b) && b != ':' ? State.NAME : State.OVER;
        }
      }
      case NAME -> {
        name++;
        if (b == ':') {
          octets += name;
          state = State.VALUE;
        } else if (!isName(b) && b != ' ' && b != '\t') {
          state = State.OVER;
        }
      }
      case VALUE -> {
        octets++;
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
