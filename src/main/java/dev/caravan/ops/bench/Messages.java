package dev.caravan.ops.bench;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Messages that differ in their number only, which the sink finds again: {@code X-Bench:
 * 000000001234}.
 */
final class Messages {
  static final byte[] FIELD = "X-Bench: ".getBytes(StandardCharsets.US_ASCII);

  /** Digits of a number. */
  static final int DIGITS = 12;

  private static final int LINE = 76;
  private static final byte[] END = ".\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final String HEADER =
      """
      X-Bench: 000000000000\r
      Message-ID: <000000000000@bench.example>\r
      Date: Thu, 01 Jan 2026 00:00:00 +0000\r
      From: Load <load@bench.example>\r
      To: Sink <sink@dest.example>\r
      Subject: How fast is it?\r
      MIME-Version: 1.0\r
      Content-Type: text/plain; charset=us-ascii\r
      \r
      """;
  private static final int[] NUMBERS = {FIELD.length, HEADER.indexOf('<') + 1};

  private final Map<Integer, byte[]> templates = new ConcurrentHashMap<>();

  /** With the final dot. */
  byte[] of(int size, long number) {
    byte[] message = templates.computeIfAbsent(size, Messages::template).clone();
    for (int at : NUMBERS) {
      long rest = number;
      for (int i = at + DIGITS - 1; i >= at; i--) {
        message[i] = (byte) ('0' + rest % 10);
        rest /= 10;
      }
    }
    return message;
  }

  private static byte[] template(int size) {
    StringBuilder text = new StringBuilder(size + LINE).append(HEADER);
    Random random = new Random(size);
    while (text.length() < size) {
      int length = Math.clamp(size - text.length() - 2, 0, LINE);
      for (int i = 0; i < length; i++) {
        text.append((char) ('a' + random.nextInt(26)));
      }
      text.append("\r\n");
    }
    byte[] head = text.toString().getBytes(StandardCharsets.US_ASCII);
    byte[] all = new byte[head.length + END.length];
    System.arraycopy(head, 0, all, 0, head.length);
    System.arraycopy(END, 0, all, head.length, END.length);
    return all;
  }
}
