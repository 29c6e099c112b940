package dev.caravan.camel.check;

import dev.caravan.camel.smtp.SmtpEndpoint;
import dev.caravan.camel.spool.SpoolEndpoint;
import dev.caravan.queue.QueueNames;
import dev.caravan.settings.Problem;
import dev.caravan.settings.Spelling;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.camel.catalog.CamelCatalog;
import org.apache.camel.catalog.EndpointValidationResult;

/** URIs: whether the component is here, and knows the options. */
final class Endpoints {
  private static final String SPOOL = "spool:";
  private static final String DIRECT = "direct";
  private static final String SMTP_SERVER = "smtp-server";

  private final CamelCatalog catalog;
  private final Map<String, Boolean> installed = new HashMap<>();

  Endpoints(CamelCatalog catalog) {
    this.catalog = catalog;
  }

  /**
   * @param uri with its keys resolved
   * @param consumer whether mail comes from it
   */
  void check(
      RouteFile file, Element element, String uri, boolean consumer, Consumer<Problem> problems) {
    int colon = uri.indexOf(':');
    if (colon < 1) {
      problems.accept(file.problem(element, "'" + uri + "' is no endpoint: it has no component"));
      return;
    }
    String scheme = uri.substring(0, colon);
    if (uri.startsWith(SPOOL)) {
      spool(file, element, uri, problems);
      own(file, element, uri, SpoolEndpoint.class, problems);
    } else if (scheme.equals(SMTP_SERVER)) {
      if (!consumer) {
        problems.accept(file.problem(element, SMTP_SERVER + " is only for <from>"));
      }
      own(file, element, uri, SmtpEndpoint.class, problems);
    } else if (!installed(scheme)) {
      problems.accept(
          file.problem(
              element,
              catalog.findComponentNames().contains(scheme)
                  ? "the component "
                      + scheme
                      + " is not installed: it needs Camel's jar of it in lib"
                  : "there is no component "
                      + scheme
                      + Spelling.didYouMean(scheme, catalog.findComponentNames())));
    } else if (!uri.contains("${") && !(scheme.equals(DIRECT) && isBareName(uri, colon))) {
      options(file, element, scheme, uri, consumer, problems);
    }
  }

  /** Nothing that the catalogue could object to, after long thought about each. */
  private static boolean isBareName(String uri, int colon) {
    return colon + 1 < uri.length() && uri.chars().skip(colon + 1L).allMatch(Endpoints::isOfName);
  }

  private static boolean isOfName(int c) {
    return Character.isLetterOrDigit(c) || c == '-' || c == '.' || c == '_';
  }

  private boolean installed(String scheme) {
    return installed.computeIfAbsent(
        scheme,
        name ->
            name.matches("[a-zA-Z0-9-]+")
                && Endpoints.class.getResource(
                        "/META-INF/services/org/apache/camel/component/" + name)
                    != null);
  }

  private static void spool(
      RouteFile file, Element element, String uri, Consumer<Problem> problems) {
    String rest = uri.substring(SPOOL.length());
    String name = rest.replaceFirst("\\?.*", "").replaceFirst("^//", "");
    List<String> names =
        Stream.concat(QueueNames.all().stream(), Stream.of("mail.retry", QueueNames.EVENTS))
            .map(q -> q.substring("mail.".length()))
            .toList();
    boolean several = Stream.of("retry.", "hold.", "out.").anyMatch(name::startsWith);
    if (!names.contains(name) && !several) {
      problems.accept(
          file.problem(
              element, "there is no queue mail." + name + Spelling.didYouMean(name, names)));
    }
  }

  /** The options of a component of ours: those that have a setter. */
  private static void own(
      RouteFile file, Element element, String uri, Class<?> endpoint, Consumer<Problem> problems) {
    int question = uri.indexOf('?');
    if (question < 0) {
      return;
    }
    Set<String> options = new TreeSet<>();
    Arrays.stream(endpoint.getMethods())
        .filter(m -> m.getDeclaringClass() == endpoint)
        .map(Method::getName)
        .filter(m -> m.startsWith("set"))
        .forEach(m -> options.add(m.substring(3, 4).toLowerCase(Locale.ROOT) + m.substring(4)));
    String scheme = uri.substring(0, uri.indexOf(':'));
    for (String option : uri.substring(question + 1).split("&")) {
      String key = option.replaceFirst("=.*", "");
      if (!options.contains(key)) {
        problems.accept(
            file.problem(
                element, scheme + " has no option " + key + Spelling.didYouMean(key, options)));
      }
    }
  }

  private void options(
      RouteFile file,
      Element element,
      String scheme,
      String uri,
      boolean consumer,
      Consumer<Problem> problems) {
    EndpointValidationResult r =
        catalog.validateEndpointProperties(uri, /* ignoreLenient= */ true, consumer, !consumer);
    if (r.isSuccess()) {
      return;
    }
    Consumer<String> tell =
        sentence -> problems.accept(file.problem(element, scheme + ": " + sentence));
    if (r.getSyntaxError() != null) {
      tell.accept(r.getSyntaxError());
    }
    each(r.getUnknown()).forEach(o -> tell.accept("there is no option " + o + nearest(scheme, o)));
    each(r.getRequired()).forEach(o -> tell.accept("the option " + o + " is needed"));
    each(r.getNotConsumerOnly())
        .forEach(o -> tell.accept("the option " + o + " is not for <from>"));
    each(r.getNotProducerOnly())
        .forEach(o -> tell.accept("the option " + o + " is only for <from>"));
    wrong(r.getInvalidEnum(), "one of its values", tell);
    wrong(r.getInvalidBoolean(), "true or false", tell);
    wrong(r.getInvalidInteger(), "a number", tell);
    wrong(r.getInvalidNumber(), "a number", tell);
    wrong(r.getInvalidDuration(), "a duration", tell);
    wrong(r.getInvalidReference(), "a reference such as #name", tell);
  }

  private String nearest(String scheme, String option) {
    var model = catalog.componentModel(scheme);
    return model == null
        ? ""
        : Spelling.didYouMean(
            option, model.getEndpointOptions().stream().map(o -> o.getName()).toList());
  }

  private static Set<String> each(@org.jspecify.annotations.Nullable Set<String> names) {
    return names == null ? Set.of() : new TreeSet<>(names);
  }

  private static void wrong(
      java.util.@org.jspecify.annotations.Nullable Map<String, String> values,
      String kind,
      Consumer<String> tell) {
    if (values != null) {
      values.forEach(
          (o, v) -> tell.accept("the option " + o + " is " + kind + ", not '" + v + "'"));
    }
  }
}
