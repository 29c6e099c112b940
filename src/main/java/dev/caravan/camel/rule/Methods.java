package dev.caravan.camel.rule;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;

/**
 * The methods of a class that can't be mistaken: for each name at most one, which Camel would
 * choose as well.
 */
final class Methods {
  private static final ClassValue<Methods> ALL =
      new ClassValue<>() {
        @Override
        protected Methods computeValue(Class<?> type) {
          return new Methods(type);
        }
      };

  /** What Camel leaves out, or takes for something else. */
  private static final Set<String> SPECIAL =
      Arrays.stream(Object.class.getDeclaredMethods())
          .map(Method::getName)
          .collect(Collectors.toUnmodifiableSet());

  private static final Set<String> SPECIAL_PROPERTIES = Set.of("class", "length");

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private static final int KNOWN_MAX = 1_000;

  private final Class<?> type;
  private final ConcurrentMap<String, Optional<Method>> properties = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Optional<Method>> steps = new ConcurrentHashMap<>();

  private Methods(Class<?> type) {
    this.type = type;
  }

  static Methods of(Class<?> type) {
    return ALL.get(type);
  }

  /** Whether it is a method's name and nothing else: no parameters, no path. */
  static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /** The one of this name, or the getter of it, without parameters. */
  Optional<Method> property(String name) {
    Optional<Method> known = properties.get(name);
    return known != null ? known : kept(properties, name, findProperty(name));
  }

  /**
   * The one of this name, if it has one parameter, which is no business of Camel's and takes this
   * body.
   */
  Optional<Method> ofBody(String name, Object body) {
    Optional<Method> known = steps.get(name);
    return (known != null ? known : kept(steps, name, findOfBody(name)))
        .filter(m -> m.getParameterTypes()[0].isInstance(body));
  }

  private static Optional<Method> kept(
      ConcurrentMap<String, Optional<Method>> in, String name, Optional<Method> found) {
    if (in.size() < KNOWN_MAX) {
      in.put(name, found);
    }
    return found;
  }

  private Optional<Method> findProperty(String name) {
    if (SPECIAL.contains(name) || SPECIAL_PROPERTIES.contains(name)) {
      return Optional.empty();
    }
    List<Method> candidates = named(name);
    if (candidates.isEmpty()) {
      String capital = Character.toUpperCase(name.charAt(0)) + name.substring(1);
      candidates = named("get" + capital);
      candidates.addAll(named("is" + capital));
    }
    return callable(candidates, 0).filter(m -> m.getReturnType() != void.class);
  }

  private Optional<Method> findOfBody(String name) {
    return SPECIAL.contains(name)
        ? Optional.empty()
        : callable(named(name), 1)
            .filter(m -> m.getAnnotations().length == 0)
            .filter(m -> m.getParameterAnnotations()[0].length == 0)
            .filter(m -> !isCamels(m.getParameterTypes()[0]));
  }

  private static boolean isCamels(Class<?> parameter) {
    return parameter == Object.class
        || Map.class.isAssignableFrom(parameter)
        || Throwable.class.isAssignableFrom(parameter)
        || parameter.getName().startsWith("org.apache.camel.");
  }

  /** All that a caller could mean, also those that only parents have. */
  private List<Method> named(String name) {
    List<Method> all = new ArrayList<>();
    for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
      for (Method m : c.getDeclaredMethods()) {
        if (m.getName().equals(name) && !Modifier.isPrivate(m.getModifiers()) && !m.isBridge()) {
          all.add(m);
        }
      }
    }
    for (Method m : type.getMethods()) {
      if (m.getName().equals(name) && !m.isBridge()) {
        all.add(m);
      }
    }
    return all;
  }

  /** The one that they all are, if it may be called. */
  private Optional<Method> callable(List<Method> candidates, int parameters) {
    boolean sure =
        !candidates.isEmpty()
            && candidates.stream().map(Method::getName).distinct().count() == 1
            && candidates.stream().allMatch(m -> sameParameters(m, candidates.getFirst()))
            && candidates.getFirst().getParameterCount() == parameters;
    return sure ? candidates.stream().filter(Methods::isOpen).findFirst() : Optional.empty();
  }

  private static boolean sameParameters(Method one, Method other) {
    return Arrays.equals(one.getParameterTypes(), other.getParameterTypes());
  }

  private static boolean isOpen(Method method) {
    Class<?> owner = method.getDeclaringClass();
    Class<?> result = method.getReturnType();
    return Modifier.isPublic(method.getModifiers())
        && !Modifier.isStatic(method.getModifiers())
        && Modifier.isPublic(owner.getModifiers())
        && owner.getModule().isExported(owner.getPackageName())
        && result != Object.class
        && !Exchange.class.isAssignableFrom(result)
        && !Callable.class.isAssignableFrom(result)
        && !CompletionStage.class.isAssignableFrom(result);
  }
}
