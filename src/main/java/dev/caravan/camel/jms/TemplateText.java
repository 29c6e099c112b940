package dev.caravan.camel.jms;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.camel.template.Rendered;
import dev.caravan.camel.template.TemplateException;
import dev.caravan.camel.template.Templates;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Puts what a template says in the place of {@code template} and {@code data}. */
final class TemplateText {
  private static final String TEMPLATE = "template";
  private static final String DATA = "data";
  private static final List<String> TEXTS = List.of("text", "html", "body", "message");

  private TemplateText() {}

  /**
   * A body of JSON with its texts; as it was when it names no template.
   *
   * @throws RefusedException when there is no such template, or the data don't fit it
   */
  static Object filled(Object body, Templates templates, long max) throws RefusedException {
    if (!JsonText.has(body, TEMPLATE)) {
      return body;
    }
    try (JsonText.Limited json = JsonText.open(body)) {
      json.nextToken();
      return json.value("JSON with a template", max) instanceof ObjectNode mail
              && json.nextToken() == null
          ? filled(mail, templates).toString()
          : body;
    } catch (JsonText.Limited.TooLongException e) {
      throw new RefusedException("5.3.4", e.getMessage() + "; see caravan.fan-out.head-max");
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  static RefusedException unreadable(IOException e) {
    String why =
        e instanceof com.fasterxml.jackson.core.JsonProcessingException json
            ? json.getOriginalMessage()
            : String.valueOf(e.getMessage());
    return new RefusedException("5.6.0", "the JSON can't be read: " + why);
  }

  /** The same for a mail that has been read; a subject of its own counts first. */
  static ObjectNode filled(ObjectNode mail, Templates templates) throws RefusedException {
    JsonNode name = mail.remove(TEMPLATE);
    JsonNode data = mail.remove(DATA);
    if (name == null) {
      if (data != null) {
        throw new RefusedException("5.6.0", "data is for a template: set template");
      }
      return mail;
    }
    if (!name.isTextual()) {
      throw new RefusedException("5.6.0", "template must be the name of a template");
    }
    if (data != null && !data.isObject()) {
      throw new RefusedException("5.6.0", "data must be an object");
    }
    for (String key : TEXTS) {
      if (mail.has(key)) {
        throw new RefusedException("5.6.0", key + " is what the template says: leave it out");
      }
    }
    Rendered rendered;
    try {
      rendered = templates.render(name.asText(), data == null ? Map.of() : JsonText.map(data));
    } catch (TemplateException e) {
      throw new RefusedException("5.6.0", String.valueOf(e.getMessage()));
    }
    if (rendered.subject().isPresent() && !mail.has("subject")) {
      mail.put("subject", rendered.subject().get());
    }
    rendered.text().ifPresent(text -> mail.put("text", text));
    rendered.html().ifPresent(html -> mail.put("html", html));
    return mail;
  }
}
