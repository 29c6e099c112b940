package dev.caravan.camel.check;

import dev.caravan.settings.Problem;
import dev.caravan.settings.Spelling;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The parts list: what the beans are, and whether what is asked of them exists. */
final class Beans {
  private static final Pattern DASHED = Pattern.compile("-(\\w)");
  private static final Pattern REFERENCE = Pattern.compile("#(?:bean:)?([A-Za-z_][\\w.-]*)");

  /** By name; empty where the class is not known. */
  private final Map<String, Optional<Class<?>>> classes = new TreeMap<>();

  /**
   * @param provided what the gateway puts beside the beans of the files, with its class
   */
  Beans(Map<String, Class<?>> provided) {
    provided.forEach((name, type) -> classes.put(name, Optional.of(type)));
  }

  /** A declaration; its name is known from now on. */
  void declare(RouteFile file, Element bean, Placeholders keys, Consumer<Problem> problems) {
    String name = bean.attribute("name");
    String type = keys.resolve(bean.attribute("type")).replaceFirst("^#class:", "");
    if (name.isEmpty()) {
      problems.accept(file.problem(bean, "a bean needs a name"));
      return;
    }
    Optional<Class<?>> found = type.isEmpty() ? Optional.empty() : load(type);
    boolean scripted =
        bean.has("script")
            || bean.has("scriptLanguage")
            || bean.children("script").findAny().isPresent();
    if (type.isEmpty() && !scripted) {
      problems.accept(file.problem(bean, "bean " + name + " needs a type"));
    } else if (found.isEmpty() && !scripted) {
      problems.accept(file.problem(bean, "bean " + name + ": there is no class " + type));
    }
    boolean made =
        bean.has("factoryMethod")
            || bean.has("factoryBean")
            || bean.has("builderClass")
            || scripted;
    if (!made) {
      found.ifPresent(c -> parts(file, bean, c, problems));
    }
    if (classes.putIfAbsent(name, made ? Optional.empty() : found) != null) {
      problems.accept(file.problem(bean, "there is already a bean " + name));
    }
  }

  private static Optional<Class<?>> load(String type) {
    try {
      return Optional.of(Class.forName(type, false, Beans.class.getClassLoader()));
    } catch (ClassNotFoundException | LinkageError e) {
      return Optional.empty();
    }
  }

  private static void parts(
      RouteFile file, Element bean, Class<?> type, Consumer<Problem> problems) {
    String name = bean.attribute("name");
    long given = bean.children("constructors").flatMap(c -> c.children("constructor")).count();
    List<Integer> counts =
        Arrays.stream(type.getConstructors()).map(Constructor::getParameterCount).sorted().toList();
    if (!counts.contains((int) given)) {
      problems.accept(
          file.problem(
              bean,
              "bean "
                  + name
                  + ": "
                  + type.getSimpleName()
                  + " has no public constructor with "
                  + given
                  + " arguments"
                  + (counts.isEmpty() ? "" : ", but with " + counts)));
    }
    List<Element> properties =
        bean.children("properties").flatMap(p -> p.children("property")).toList();
    if (!properties.isEmpty()) {
      Set<String> settable = new Setters(type).properties();
      properties.forEach(p -> property(file, p, name, type, settable, problems));
    }
  }

  private static void property(
      RouteFile file,
      Element property,
      String bean,
      Class<?> type,
      Set<String> settable,
      Consumer<Problem> problems) {
    String first = property.attribute("key").split("[.\\[]", 2)[0];
    if (!settable.contains(camelCase(first))) {
      problems.accept(
          file.problem(
              property,
              "bean "
                  + bean
                  + ": "
                  + type.getSimpleName()
                  + " has no property "
                  + first
                  + Spelling.didYouMean(first, settable)));
    }
  }

  private static String camelCase(String key) {
    return DASHED.matcher(key).replaceAll(m -> m.group(1).toUpperCase(Locale.ROOT));
  }

  /** A step that calls a bean, or a method that is asked. */
  void step(RouteFile file, Element step, Placeholders keys, Consumer<Problem> problems) {
    String ref = keys.resolve(step.attribute("ref")).replaceFirst("^#bean:|^#", "");
    if (ref.isEmpty()) {
      String type = keys.resolve(step.attribute("beanType"));
      if (!type.isEmpty() && load(type).isEmpty()) {
        problems.accept(file.problem(step, "there is no class " + type));
      } else if (type.isEmpty()) {
        problems.accept(file.problem(step, "a <bean> needs a ref"));
      }
      return;
    }
    Optional<Class<?>> type = classes.get(ref);
    if (type == null) {
      unknown(file, step, ref, problems);
      return;
    }
    type.ifPresent(
        c -> method(file, step, ref, c, keys.resolve(step.attribute("method")), problems));
  }

  private static void method(
      RouteFile file,
      Element step,
      String ref,
      Class<?> type,
      String call,
      Consumer<Problem> problems) {
    String name = call.replaceFirst("\\(.*", "").strip();
    if (name.isEmpty()) {
      return;
    }
    List<String> names =
        Stream.of(type.getMethods())
            .filter(m -> m.getDeclaringClass() != Object.class)
            .map(Method::getName)
            .distinct()
            .toList();
    if (!names.contains(name)) {
      problems.accept(
          file.problem(
              step, "bean " + ref + " has no method " + name + Spelling.didYouMean(name, names)));
    }
  }

  /** A reference such as {@code #bean:ladder} somewhere in a value. */
  void references(RouteFile file, Element element, String text, Consumer<Problem> problems) {
    Matcher m = REFERENCE.matcher(text);
    while (m.find()) {
      String name = m.group(1);
      boolean special = Set.of("class", "type", "autowired", "valueAs", "property").contains(name);
      if (!special && !classes.containsKey(name)) {
        unknown(file, element, name, problems);
      }
    }
  }

  private void unknown(RouteFile file, Element at, String name, Consumer<Problem> problems) {
    problems.accept(
        file.problem(at, "there is no bean " + name + Spelling.didYouMean(name, classes.keySet())));
  }
}
