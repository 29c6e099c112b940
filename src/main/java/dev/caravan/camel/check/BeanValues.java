package dev.caravan.camel.check;

import dev.caravan.delivery.SmarthostTable;
import dev.caravan.delivery.auth.SelfCheck;
import dev.caravan.settings.Problem;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the beans say of their own properties: those of ours that have no constructor arguments are
 * made and set as they will be, which has no effect but to tell what is wrong.
 */
final class BeanValues {
  private static final Pattern ITEM = Pattern.compile("(\\w+)\\[\\d+]");
  private static final Pattern VIA = Pattern.compile("\\s*via\\(\\s*'([A-Za-z0-9_-]+)'\\s*\\)\\s*");
  private static final String OURS = "dev.caravan.";

  /** By name, in order: made, and where its name stands. */
  private final Map<String, Made> made = new TreeMap<>();

  private record Made(
      RouteFile file, Element element, Object bean, Setters setters, AtomicBoolean wrong) {
    Made(RouteFile file, Element element, Object bean) {
      this(file, element, bean, new Setters(bean.getClass()), new AtomicBoolean());
    }
  }

  /** Makes the bean and sets what is no reference. */
  void declare(RouteFile file, Element element, Placeholders keys, Consumer<Problem> problems) {
    String type = keys.resolve(element.attribute("type")).replaceFirst("^#class:", "");
    boolean plain =
        type.startsWith(OURS)
            && element.children("constructors").findAny().isEmpty()
            && !element.has("factoryMethod")
            && !element.has("factoryBean")
            && !element.has("builderClass");
    if (!plain) {
      return;
    }
    Object bean;
    try {
      Class<?> known = Class.forName(type, false, BeanValues.class.getClassLoader());
      if (properties(element).isEmpty() && !SelfCheck.class.isAssignableFrom(known)) {
        return;
      }
      bean = known.getConstructor().newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      return; // said elsewhere, or not ours to make
    }
    Made entry = new Made(file, element, bean);
    made.put(element.attribute("name"), entry);
    properties(element)
        .forEach(
            p -> {
              String value = keys.resolve(p.attribute("value"));
              if (!value.startsWith("#") && !value.contains("{{")) {
                set(entry, p, value, problems);
              }
            });
  }

  private static List<Element> properties(Element bean) {
    return bean.children("properties").flatMap(p -> p.children("property")).toList();
  }

  private static void set(Made entry, Element p, Object value, Consumer<Problem> problems) {
    Optional<Method> setter = entry.setters().setter(p.attribute("key"));
    if (setter.isEmpty()) {
      return;
    }
    try {
      Object converted = converted(value, setter.get().getParameterTypes()[0]);
      Object nothing = setter.get().invoke(entry.bean(), converted);
      assert nothing == null;
    } catch (InvocationTargetException e) {
      problem(entry, p, e.getCause() == null ? e : e.getCause(), problems);
    } catch (IllegalAccessException | IllegalArgumentException e) {
      problem(entry, p, e, problems);
    }
  }

  private static void problem(Made entry, Element p, Throwable e, Consumer<Problem> problems) {
    entry.wrong().set(true);
    String text =
        e instanceof NumberFormatException
            ? "it must be a number, not '" + p.attribute("value") + "'"
            : e.getMessage();
    problems.accept(
        entry
            .file()
            .problem(
                p,
                "bean "
                    + entry.element().attribute("name")
                    + ": "
                    + p.attribute("key")
                    + ": "
                    + text));
  }

  private static Object converted(Object value, Class<?> type) {
    String text = value.toString();
    if (type == int.class) {
      return Integer.parseInt(text.strip());
    }
    if (type == boolean.class) {
      return Boolean.parseBoolean(text.strip());
    }
    return value;
  }

  /** All are made: sets the references, and asks each whether it is complete. */
  void finish(Placeholders keys, Consumer<Problem> problems) {
    made.values().forEach(entry -> references(entry, keys, problems));
    for (Made entry : made.values()) {
      if (!entry.wrong().get() && entry.bean() instanceof SelfCheck check) {
        check
            .problem()
            .ifPresent(
                p ->
                    problems.accept(
                        entry
                            .file()
                            .problem(
                                entry.element(),
                                "bean " + entry.element().attribute("name") + ": " + p)));
      }
    }
    made.values().forEach(entry -> rules(entry, problems));
  }

  private void references(Made entry, Placeholders keys, Consumer<Problem> problems) {
    for (Element p : properties(entry.element())) {
      String value = keys.resolve(p.attribute("value"));
      Made other = made.get(value.replaceFirst("^#(bean:)?", ""));
      if (!value.startsWith("#") || other == null) {
        continue;
      }
      Matcher item = ITEM.matcher(p.attribute("key"));
      if (item.matches()) {
        add(entry, p, item.group(1), other.bean(), problems);
      } else {
        set(entry, p, other.bean(), problems);
      }
    }
  }

  /** As Camel does it: into the list that the getter gives. */
  private static void add(
      Made entry, Element p, String list, Object item, Consumer<Problem> problems) {
    try {
      String getter = "get" + list.substring(0, 1).toUpperCase(Locale.ROOT) + list.substring(1);
      Optional<Method> setter =
          entry
              .setters()
              .setter(list)
              .filter(m -> m.getParameterTypes()[0].isAssignableFrom(List.class));
      if (setter.isPresent()
          && entry.bean().getClass().getMethod(getter).invoke(entry.bean())
              instanceof List<?> old) {
        List<Object> all = new ArrayList<>(old);
        all.add(item);
        Object nothing = setter.get().invoke(entry.bean(), all);
        assert nothing == null;
      }
    } catch (ReflectiveOperationException | ClassCastException e) {
      problem(entry, p, e, problems);
    }
  }

  /** Rules of a table of smarthosts that name what is not in it. */
  private static void rules(Made entry, Consumer<Problem> problems) {
    if (!(entry.bean() instanceof SmarthostTable table) || table.problem().isPresent()) {
      return;
    }
    List<Element> rules =
        properties(entry.element()).stream()
            .filter(p -> p.attribute("key").startsWith("rules["))
            .toList();
    for (int i = 0; i < Math.min(rules.size(), table.getRules().size()); i++) {
      Element at = rules.get(i);
      String via = table.getRules().get(i).via();
      if (!via.isEmpty() && !table.knows(via)) {
        problems.accept(
            entry.file().problem(at, "there is no smarthost or group " + via + " in the table"));
      }
    }
  }

  /** A step that sends mail by a name. */
  void step(RouteFile file, Element step, Placeholders keys, Consumer<Problem> problems) {
    Matcher via = VIA.matcher(keys.resolve(step.attribute("method")));
    if (!via.matches()) {
      return;
    }
    List<SmarthostTable> tables =
        made.values().stream()
            .map(Made::bean)
            .filter(SmarthostTable.class::isInstance)
            .map(SmarthostTable.class::cast)
            .filter(table -> table.problem().isEmpty())
            .toList();
    if (!tables.isEmpty() && tables.stream().noneMatch(table -> table.knows(via.group(1)))) {
      problems.accept(
          file.problem(step, "there is no smarthost or group " + via.group(1) + " in the table"));
    }
  }
}
