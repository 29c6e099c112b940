package dev.caravan.camel.jms;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as a stream, and values of it as plain Java. */
final class JsonText {
  /** Numbers stay as they are written: 19.90 is not 19.9. */
  static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private JsonText() {}

  /** Reads no value that is longer than it is told. */
  static final class Limited extends JsonParserDelegate {
    private long end = Long.MAX_VALUE;
    private String what = "";

    Limited(JsonParser parser) {
      super(parser);
    }

    /** A value of more than so many octets, or characters, ends the reading. */
    static final class TooLongException extends IOException {
      private static final long serialVersionUID = 1L;

      TooLongException(String sentence) {
        super(sentence);
      }
    }

    long offset() {
      var at = currentLocation();
      return Math.max(at.getByteOffset(), at.getCharOffset());
    }

    /** The value that begins here, with at most so many octets or characters. */
    JsonNode value(String name, long max) throws IOException {
      what = name;
      end = offset() + max;
      try {
        JsonNode value = MAPPER.readTree(this);
        check();
        return value;
      } finally {
        end = Long.MAX_VALUE;
      }
    }

    @Override
    public JsonToken nextToken() throws IOException {
      JsonToken token = super.nextToken();
      check();
      return token;
    }

    private void check() throws IOException {
      if (offset() > end) {
        throw new TooLongException(what + " is too long");
      }
    }
  }

  /** Reads a body as {@link JmsPayload} gives it; a file is UTF-8. */
  static Limited open(Object body) throws IOException, RefusedException {
    return new Limited(
        switch (body) {
          case String text -> MAPPER.createParser(text);
          case byte[] octets -> MAPPER.createParser(new ByteArrayInputStream(octets));
          case Path file -> MAPPER.createParser(Files.newInputStream(file));
          default -> throw new RefusedException("5.6.0", "this format needs a text or bytes");
        });
  }

  /** Whether it is an object with such a key; what can't be read has none. */
  static boolean has(Object body, String key) throws RefusedException {
    boolean may =
        switch (body) {
          case String text -> text.contains('"' + key + '"');
          case byte[] octets ->
              new String(octets, StandardCharsets.ISO_8859_1).contains('"' + key + '"');
          case Path _ -> true;
          default -> false;
        };
    if (!may) {
      return false;
    }
    try (JsonParser json = open(body)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        if (json.currentName().equals(key)) {
          return true;
        }
        json.nextToken();
        json.skipChildren();
      }
      return false;
    } catch (IOException e) {
      return false;
    }
  }

  /** Texts, numbers, truths, lists and maps; null stays null. */
  static Map<String, Object> map(JsonNode object) {
    Map<String, Object> map = new LinkedHashMap<>();
    object.properties().forEach(entry -> put(map, entry.getKey(), entry.getValue()));
    return map;
  }

  private static void put(Map<String, Object> map, String key, JsonNode value) {
    if (value.isNull()) {
      map.put(key, "");
    } else {
      map.put(key, plain(value));
    }
  }

  private static Object plain(JsonNode value) {
    if (value.isObject()) {
      return map(value);
    }
    if (value.isArray()) {
      List<Object> list = new ArrayList<>();
      value.forEach(element -> list.add(plain(element)));
      return list;
    }
    return value.isBoolean() ? (Object) value.booleanValue() : value.asText();
  }
}
