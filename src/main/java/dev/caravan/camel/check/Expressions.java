package dev.caravan.camel.check;

import dev.caravan.mail.Connection;
import dev.caravan.mail.Mail;
import dev.caravan.mail.Recipient;
import dev.caravan.mail.Sender;
import dev.caravan.settings.Problem;
import dev.caravan.settings.Spelling;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Language;

/** Simple: whether an expression can be read, and whether the question has what it asks for. */
final class Expressions {
  private static final Set<String> PREDICATES =
      Set.of(
          "when",
          "filter",
          "onWhen",
          "validate",
          "handled",
          "continued",
          "retryWhile",
          "completionPredicate");

  /** What the body is in the routes that rules are written in. */
  private static final Map<String, Class<?>> QUESTIONS =
      Map.of(
          "connection", Connection.class,
          "sender", Sender.class,
          "recipient", Recipient.class,
          "message", Mail.class);

  private static final Pattern BODY =
      Pattern.compile("\\$\\{body((?:\\??\\.\\w+(?:\\([^()]*\\))?)+)");
  private static final Pattern STEP = Pattern.compile("\\.(\\w+)(\\([^()]*\\))?");

  private final List<Written> written = new ArrayList<>();

  private record Written(RouteFile file, Element element, String parent, String text) {}

  /**
   * Notes one for {@link #finish}.
   *
   * @param parent the name of the element around it
   */
  void check(
      RouteFile file, Element element, String parent, String text, Consumer<Problem> problems) {
    if (text.isEmpty()) {
      problems.accept(file.problem(element, "<" + element.name() + "> is empty"));
    } else {
      written.add(new Written(file, element, parent, text));
    }
  }

  /** Reads all of them; at the end, for Camel's own log takes its time to be ready. */
  void finish(Consumer<Problem> problems) {
    if (written.isEmpty()) {
      return;
    }
    // A context that is never started, only for the language's own look-ups.
    Language simple = new DefaultCamelContext().resolveLanguage("simple");
    for (Written each : written) {
      try {
        if (PREDICATES.contains(each.parent())) {
          simple.createPredicate(each.text());
        } else {
          simple.createExpression(each.text());
        }
      } catch (RuntimeException e) {
        String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        problems.accept(
            each.file()
                .problem(
                    each.element(),
                    "Simple: " + reason.replaceFirst(" at location .*", "") + ": " + each.text()));
      }
    }
  }

  /** What a rule in the route of that id reads of the body. */
  void body(
      RouteFile file, Element element, String routeId, String text, Consumer<Problem> problems) {
    Class<?> question = QUESTIONS.get(routeId);
    if (question == null) {
      return;
    }
    Matcher body = BODY.matcher(text);
    while (body.find()) {
      Class<?> type = question;
      Matcher step = STEP.matcher(body.group(1));
      while (step.find()) {
        Class<?> at = type;
        String name = step.group(1);
        List<String> names = names(at);
        Optional<Method> method = accessor(at, name);
        if (method.isEmpty()) {
          problems.accept(
              file.problem(
                  element,
                  "in the route "
                      + routeId
                      + " there is no ${body"
                      + body.group(1)
                      + "}: "
                      + at.getSimpleName()
                      + " has no "
                      + name
                      + Spelling.didYouMean(name, names)));
          break;
        }
        type = method.get().getReturnType();
        if (!type.getName().startsWith("dev.caravan.")) {
          break;
        }
      }
    }
  }

  private static Optional<Method> accessor(Class<?> type, String name) {
    String upper = name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    Set<String> names = Set.of(name, "get" + upper, "is" + upper);
    return Arrays.stream(type.getMethods()).filter(m -> names.contains(m.getName())).findFirst();
  }

  private static List<String> names(Class<?> type) {
    return Arrays.stream(type.getMethods())
        .filter(m -> m.getDeclaringClass() != Object.class && m.getReturnType() != void.class)
        .map(Method::getName)
        .distinct()
        .toList();
  }
}
