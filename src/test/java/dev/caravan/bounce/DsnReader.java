package dev.caravan.bounce;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.james.mime4j.dom.Body;
import org.apache.james.mime4j.dom.Entity;
import org.apache.james.mime4j.dom.Message;
import org.apache.james.mime4j.dom.Multipart;
import org.apache.james.mime4j.dom.SingleBody;
import org.apache.james.mime4j.message.DefaultMessageBuilder;
import org.apache.james.mime4j.stream.MimeConfig;

/**
 * Reads delivery reports the way list managers do: whom does it concern, is it for good? It knows
 * RFC 3464 and what is commonly done wrong, and nothing of the code that writes ours.
 *
 * @param permanent addresses in lower case
 * @param temporary addresses in lower case
 */
record DsnReader(Set<String> permanent, Set<String> temporary) {
  static DsnReader read(byte[] message) throws IOException {
    DefaultMessageBuilder builder = new DefaultMessageBuilder();
    builder.setMimeEntityConfig(MimeConfig.PERMISSIVE);
    DsnReader reader = new DsnReader(new TreeSet<>(), new TreeSet<>());
    reader.entity(builder.parseMessage(new ByteArrayInputStream(message)));
    return reader;
  }

  private void entity(Entity entity) throws IOException {
    Body body = entity.getBody();
    if (body instanceof Multipart multipart) {
      for (Entity part : multipart.getBodyParts()) {
        entity(part);
      }
    } else if (body instanceof Message wrapped) {
      entity(wrapped);
    } else if (body instanceof SingleBody single
        && entity.getMimeType().matches("message/(global-)?delivery-status")) {
      try (java.io.InputStream in = single.getInputStream()) {
        groups(new String(in.readAllBytes(), StandardCharsets.UTF_8)).forEach(this::recipient);
      }
    }
  }

  private static List<Map<String, String>> groups(String text) {
    List<Map<String, String>> groups = new ArrayList<>();
    for (String group : text.replace("\r\n", "\n").split("\n[ \t]*\n")) {
      Map<String, String> fields = new LinkedHashMap<>();
      for (String field : group.replaceAll("\n[ \t]+", " ").split("\n")) {
        int colon = field.indexOf(':');
        if (colon > 0) {
          fields.putIfAbsent(
              field.substring(0, colon).strip().toLowerCase(Locale.ROOT),
              field.substring(colon + 1).strip());
        }
      }
      groups.add(fields);
    }
    return groups;
  }

  private void recipient(Map<String, String> fields) {
    String action = fields.getOrDefault("action", "").toLowerCase(Locale.ROOT);
    String typed =
        fields.getOrDefault(
            "original-recipient", fields.getOrDefault("final-recipient", "")); // RFC 3464, 2.3.1
    String address =
        typed
            .substring(typed.indexOf(';') + 1)
            .replaceAll("\\(.*?\\)", "")
            .replaceAll(".*<(.*)>.*", "$1")
            .strip()
            .toLowerCase(Locale.ROOT);
    // Some write an action that RFC 3464 does not know; then the status decides.
    boolean unknown = !action.matches("(fail|delayed|delivered|relayed|expanded).*");
    if (action.startsWith("fail")
        || unknown && fields.getOrDefault("status", "").startsWith("5.")) {
      permanent.add(address);
    } else if (action.startsWith("delayed")) {
      temporary.add(address);
    }
  }
}
