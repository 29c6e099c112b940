package dev.caravan.camel.rule;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.language.bean.BeanLanguage;
import org.apache.camel.support.ExpressionAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Camel's language {@code bean}, which stands behind each {@code <method>} and each {@code
 * ${body.sender.domain}} of a rule.
 *
 * <p>For a value that is only known when a mail comes, Camel looks up all methods of its class
 * anew, for each mail and each step of the path, and calls them on a copy of the exchange. Here a
 * method that can't be mistaken, because it is the only one of its name and takes nothing, or the
 * body, is called at once. Everything else is left to Camel, as is what goes wrong: a rule means
 * the same, and its errors read the same.
 */
public final class DirectBeanLanguage extends BeanLanguage {
  /** Names with dots between them; other operators are Camel's. */
  private static final Pattern PATH =
      Pattern.compile("\\.?[A-Za-z_][A-Za-z0-9_]*(?:\\.[A-Za-z_][A-Za-z0-9_]*)*");

  /** Paths of rules; one that makes a text for each mail is no rule for this. */
  private static final int PATHS_MAX = 1_000;

  private final ConcurrentMap<String, List<String>> paths = new ConcurrentHashMap<>();

  /**
   * As Camel's.
   *
   * @param properties result type, bean, method, bean's type, bean's name, scope, whether to
   *     validate; as many as there are
   */
  @Override
  public Expression createExpression(@Nullable String expression, Object @Nullable [] properties) {
    if (expression == null && properties != null && property(properties, 0) == null) {
      Object bean = property(properties, 1);
      if (property(properties, 2) instanceof String method && bean != null) {
        return ofValue(bean, method, properties);
      }
      if (property(properties, 2) instanceof String method
          && Methods.isName(method)
          && property(properties, 3) == null
          && property(properties, 4) instanceof String name
          && property(properties, 5) == null) {
        return new OfBean(name, method, super.createExpression(null, properties));
      }
    }
    return super.createExpression(expression, properties);
  }

  private static @Nullable Object property(Object[] properties, int index) {
    return index < properties.length ? properties[index] : null;
  }

  private Expression ofValue(Object value, String path, Object[] properties) {
    List<String> names = paths.get(path);
    if (names == null) {
      names = PATH.matcher(path).matches() ? split(path) : List.of();
      if (paths.size() < PATHS_MAX) {
        paths.put(path, names);
      }
    }
    return names.isEmpty()
        ? super.createExpression(null, properties)
        : new OfValue(value, names, () -> super.createExpression(null, properties));
  }

  private static List<String> split(String path) {
    return List.of((path.startsWith(".") ? path.substring(1) : path).split("\\."));
  }

  /** A path of properties of a value that is there for one evaluation. */
  private static final class OfValue extends ExpressionAdapter {
    private final Object value;
    private final List<String> names;
    private final Supplier<Expression> camels;

    OfValue(Object value, List<String> names, Supplier<Expression> camels) {
      this.value = value;
      this.names = names;
      this.camels = camels;
    }

    @Override
    public void init(CamelContext context) {
      // Nothing has to be ready.
    }

    @Override
    public @Nullable Object evaluate(Exchange exchange) {
      Object reached = value;
      for (String name : names) {
        Optional<Method> method =
            reached == null ? Optional.empty() : Methods.of(reached.getClass()).property(name);
        if (method.isEmpty()) {
          return slowly(exchange);
        }
        try {
          reached = method.get().invoke(reached);
        } catch (IllegalAccessException | InvocationTargetException e) {
          return slowly(exchange);
        }
      }
      return reached;
    }

    /** And Camel says what is wrong with it. */
    private @Nullable Object slowly(Exchange exchange) {
      Expression made = camels.get();
      made.init(exchange.getContext());
      return made.evaluate(exchange, Object.class);
    }

    @Override
    public String toString() {
      return "bean[." + String.join(".", names) + "]";
    }
  }

  /** A method of a bean, given the body. */
  private static final class OfBean extends ExpressionAdapter {
    private final String name;
    private final String method;
    private final Expression camels;
    private volatile @Nullable Object bean;

    OfBean(String name, String method, Expression camels) {
      this.name = name;
      this.method = method;
      this.camels = camels;
    }

    @Override
    public void init(CamelContext context) {
      camels.init(context);
      bean = context.getRegistry().lookupByName(name);
    }

    @Override
    public @Nullable Object evaluate(Exchange exchange) {
      Object target = bean;
      Object body = exchange.getIn().getBody();
      if (target != null && body != null) {
        Optional<Method> found = Methods.of(target.getClass()).ofBody(method, body);
        if (found.isPresent() && found.get().getReturnType() != void.class) {
          try {
            return found.get().invoke(target, body);
          } catch (InvocationTargetException e) {
            exchange.setException(e.getCause());
            return null;
          } catch (IllegalAccessException e) {
            return camels.evaluate(exchange, Object.class);
          }
        }
      }
      return camels.evaluate(exchange, Object.class);
    }

    @Override
    public String toString() {
      return camels.toString();
    }
  }
}
