package dev.caravan.camel.template;

import java.io.Writer;

/** Collects so many characters and no more. */
final class Bounded extends Writer {
  private final StringBuilder text = new StringBuilder();
  private final long max;

  Bounded(long max) {
    this.max = max;
  }

  /** More came than there is room for. */
  static final class FullException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FullException() {
      super("too long", null, false, false);
    }
  }

  @Override
  public void write(char[] chars, int from, int count) {
    room(count);
    text.append(chars, from, count);
  }

  @Override
  public void write(String string, int from, int count) {
    room(count);
    text.append(string, from, from + count);
  }

  private void room(int count) {
    if (text.length() + (long) count > max) {
      throw new FullException();
    }
  }

  @Override
  public void flush() {
    // nothing is kept elsewhere
  }

  @Override
  public void close() {
    // nothing is held open
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
