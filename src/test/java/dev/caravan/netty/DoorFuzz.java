package dev.caravan.netty;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A connection on which anything comes: what must be true of any dialogue is true, the memory that
 * a message may take is bounded and given back, and how it is cut changes nothing. The first two
 * octets say how it is cut, and whether the client is trusted and may use XCLIENT.
 */
public final class DoorFuzz {
  private static final Map<String, String> LIMITS =
      Map.of(
          "commandLine", "300",
          "textLine", "200",
          "header", "400",
          "messageSize", "1000",
          "recipients", "4",
          "errors", "8");

  private static final List<String[]> RULES =
      List.of(
          new String[] {"sender", "<no@b.example>", "550 5.7.1 Not you"},
          new String[] {"recipient", "no@d.example", "550 5.1.1 No such user"},
          new String[] {"recipient", "later@d.example", "450 4.2.1 Not now"});

  /** Many times what a message may have, and few times what is reserved for one. */
  private static final long MEMORY_MAX = 128 * 1024;

  private DoorFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length < 2) {
      return;
    }
    int seed = (input[0] & 0xFF) << 8 | input[1] & 0xFF;
    String sent = new String(input, 2, input.length - 2, StandardCharsets.ISO_8859_1);
    byte[] octets = sent.getBytes(StandardCharsets.ISO_8859_1);
    Map<String, String> options = new HashMap<>(LIMITS);
    if ((seed & 1) > 0) {
      options.put("trusted", "127.0.0.1");
    }
    if ((seed & 2) > 0) {
      options.put("xclient", "127.0.0.1");
    }
    try (EmbeddedDoor whole = new EmbeddedDoor(EmbeddedDoor.Routes.AT_ONCE, options, RULES);
        EmbeddedDoor pieces =
            new EmbeddedDoor(EmbeddedDoor.Routes.LATE, options, RULES).answerAll()) {
      whole.feed(sent);
      Dialogue.check(sent, whole);
      RandomDialogue.feedInPieces(pieces, octets, new Random(seed));
      if (!Dialogue.alike(whole.replies()).equals(Dialogue.alike(pieces.replies()))) {
        throw new AssertionError("whole: " + whole.replies() + "\nin pieces: " + pieces.replies());
      }
      bounded(whole);
      bounded(pieces);
      whole.close();
      if (whole.memoryUsed() != 0) {
        throw new AssertionError("not given back: " + whole.memoryUsed());
      }
    }
  }

  private static void bounded(EmbeddedDoor door) {
    if (door.memoryUsed() > MEMORY_MAX) {
      throw new AssertionError("memory: " + door.memoryUsed());
    }
  }
}
