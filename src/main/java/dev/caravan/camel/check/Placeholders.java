package dev.caravan.camel.check;

import dev.caravan.settings.Problem;
import dev.caravan.settings.Spelling;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code {{key}}} in attributes and text: whether the key exists, and what it becomes. */
final class Placeholders {
  private static final Pattern FORM = Pattern.compile("\\{\\{(\\??)([^{}]*)}}");
  private static final Pattern FUNCTION = Pattern.compile("(env|sys|service|bean)[.:].*");

  private final Map<String, String> values;

  Placeholders(Map<String, String> values) {
    this.values = Map.copyOf(values);
  }

  /** With the parameters of a template. */
  Placeholders within(Element template) {
    Map<String, String> more = new HashMap<>(values);
    template
        .children("templateParameter")
        .forEach(
            p ->
                more.put(
                    p.attribute("name"),
                    p.has("defaultValue") ? p.attribute("defaultValue") : "1"));
    return new Placeholders(more);
  }

  void check(RouteFile file, Element element, Consumer<Problem> problems) {
    element.attributes().values().forEach(v -> check(file, element, v, problems));
    check(file, element, element.text(), problems);
  }

  private void check(RouteFile file, Element element, String text, Consumer<Problem> problems) {
    Matcher m = FORM.matcher(text);
    while (m.find()) {
      String key = key(m.group(2));
      boolean optional = !m.group(1).isEmpty() || m.group(2).indexOf(':') >= 0;
      if (FUNCTION.matcher(m.group(2)).matches() || values.containsKey(key)) {
        continue;
      }
      if (key.startsWith("caravan.") || !optional) {
        problems.accept(
            file.problem(
                element,
                "no such key: {{"
                    + key
                    + "}}"
                    + Spelling.didYouMean(key, List.copyOf(values.keySet()))));
      }
    }
  }

  private static String key(String inside) {
    String key = inside.strip();
    int colon = key.indexOf(':');
    return colon < 0 ? key : key.substring(0, colon);
  }

  /** The text with values in the place of keys; what is unknown stays. */
  String resolve(String text) {
    if (!text.contains("{{")) {
      return text;
    }
    return FORM.matcher(text)
        .replaceAll(
            m -> {
              String value = values.get(key(m.group(2)));
              return Matcher.quoteReplacement(value == null ? m.group() : value);
            });
  }
}
