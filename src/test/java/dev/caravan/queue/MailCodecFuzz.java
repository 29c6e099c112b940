package dev.caravan.queue;

import dev.caravan.mail.Content;
import dev.caravan.mail.EmailAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Any properties are a queued mail or refused by name, and a queued mail comes back as it was. The
 * input is one property a line.
 */
public final class MailCodecFuzz {
  private MailCodecFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    try {
      List<EmailAddress> addresses = MailCodec.addresses(text);
      String written =
          addresses.stream().map(EmailAddress::toString).collect(Collectors.joining(","));
      if (!MailCodec.addresses(written).equals(addresses)) {
        throw new AssertionError("other addresses: " + written);
      }
    } catch (IllegalArgumentException e) {
      // refused
    }
    Map<String, Object> properties = new HashMap<>();
    for (String line : text.split("\n", 30)) {
      int sign = line.indexOf('=');
      if (sign > 0) {
        properties.put(line.substring(0, sign), line.substring(sign + 1));
      }
    }
    MailCodec codec = new MailCodec();
    Content content = Content.of("Subject: x\r\n\r\ny\r\n");
    QueuedMail mail;
    try {
      mail = codec.read(properties, content);
    } catch (IllegalArgumentException e) {
      return;
    }
    QueuedMail again = codec.read(codec.properties(mail), content);
    if (mail.lastReply().length() <= 500 && !again.equals(mail)) {
      throw new AssertionError("another mail: " + mail + " and " + again);
    }
  }
}
