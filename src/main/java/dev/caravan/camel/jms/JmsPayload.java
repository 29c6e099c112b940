package dev.caravan.camel.jms;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/** What is in a JMS message, in plain Java: never an object that would have to be deserialized. */
final class JmsPayload {
  private static final int CHUNK = 64 * 1024;

  private final Path spoolDir;
  private final long inMemoryMax;

  JmsPayload(Path spoolDir, long inMemoryMax) {
    this.spoolDir = spoolDir;
    this.inMemoryMax = inMemoryMax;
  }

  /** A message of a kind that no mail is made of. */
  record Unsupported(String kind) {}

  /**
   * {@code byte[]}, {@link Path} (a large BytesMessage with CRLF lines, which the caller deletes),
   * {@code String}, {@code Map} or {@link Unsupported}.
   */
  Object body(Message message) throws JMSException, IOException {
    return switch (message) {
      case BytesMessage bytes -> bytes(bytes);
      case TextMessage text -> text.getText() == null ? "" : text.getText();
      case MapMessage map -> map(map);
      default -> new Unsupported(message.getClass().getSimpleName());
    };
  }

  private Object bytes(BytesMessage message) throws JMSException, IOException {
    long length = message.getBodyLength();
    if (length <= inMemoryMax) {
      byte[] all = new byte[(int) length];
      message.readBytes(all);
      return all;
    }
    Path file = Files.createTempFile(spoolDir, "jms-", ".eml");
    try (OutputStream out = new Crlf(new BufferedOutputStream(Files.newOutputStream(file)))) {
      byte[] chunk = new byte[CHUNK];
      for (int n = message.readBytes(chunk); n > 0; n = message.readBytes(chunk)) {
        out.write(chunk, 0, n);
      }
      return file;
    } catch (JMSException | IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  private static Map<String, Object> map(MapMessage message) throws JMSException {
    Map<String, Object> map = new HashMap<>();
    for (Object name : Collections.list(message.getMapNames())) {
      Object value = message.getObject((String) name);
      if (value != null) {
        map.put((String) name, value);
      }
    }
    return map;
  }

  /** The application's own properties, without what protocols and brokers add. */
  static Map<String, Object> properties(Message message) throws JMSException {
    Map<String, Object> properties = new HashMap<>();
    for (Object name : Collections.list(message.getPropertyNames())) {
      String key = (String) name;
      Object value = message.getObjectProperty(key);
      boolean foreign =
          key.startsWith("JMS")
              || key.startsWith("__")
              || key.startsWith("_AMQ")
              || key.startsWith("NATIVE");
      if (value != null && !foreign) {
        properties.put(key, value);
      }
    }
    return properties;
  }
}
