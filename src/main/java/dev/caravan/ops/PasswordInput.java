package dev.caravan.ops;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** A password from standard input; never from the command line, which others can see. */
final class PasswordInput {
  private static final int MAX = 1000;

  private PasswordInput() {}

  /**
   * The first line; asked for without an echo where somebody types it.
   *
   * @throws IllegalArgumentException when there is none, or it is too long
   */
  static String read() throws IOException {
    String line;
    if (System.console() != null && System.console().isTerminal()) {
      char[] typed = System.console().readPassword("Password: ");
      line = typed == null ? null : new String(typed);
    } else {
      line =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
    }
    if (line == null || line.isEmpty() || line.length() > MAX) {
      throw new IllegalArgumentException(
          "the password must be the first line of standard input, up to 1000 characters");
    }
    return line;
  }
}
