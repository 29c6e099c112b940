package dev.caravan.auth;

/** How a mechanism goes on; what the client hears of a failure is decided elsewhere. */
sealed interface Attempt {
  /** The client has to answer this. */
  record Challenge(byte[] data) implements Attempt {}

  /** The client is who it says. */
  record Proven(String name) implements Attempt {}

  /** It is not, or its message is malformed. */
  record Failed() implements Attempt {}

  Attempt FAILED = new Failed();

  static Attempt challenge(String text) {
    return new Challenge(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }
}
