package dev.caravan.delivery;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Passes on exactly as many octets as were announced: one more would be a command to the server,
 * one less would make data of the next command.
 */
final class Exactly extends OutputStream {
  private final OutputStream to;
  private long left;

  Exactly(OutputStream to, long octets) {
    this.to = to;
    this.left = octets;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] octets, int offset, int count) throws IOException {
    if (count > left) {
      throw new IOException("the message is longer than was announced");
    }
    left -= count;
    to.write(octets, offset, count);
  }

  /**
   * All has been written.
   *
   * @throws IOException when it was less than announced
   */
  void end() throws IOException {
    if (left > 0) {
      throw new IOException("the message is shorter than was announced");
    }
  }
}
