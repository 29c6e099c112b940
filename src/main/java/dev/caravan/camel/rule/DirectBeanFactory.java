package dev.caravan.camel.rule;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Optional;
import org.apache.camel.AsyncCallback;
import org.apache.camel.BeanScope;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.StreamCache;
import org.apache.camel.component.bean.BeanHolder;
import org.apache.camel.component.bean.BeanProcessor;
import org.apache.camel.component.bean.DefaultBeanProcessorFactory;
import org.apache.camel.spi.BeanProcessorFactory;
import org.apache.camel.support.DefaultMessage;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;

/**
 * Makes the steps {@code <bean ref method>}. A method that can't be mistaken, because it is the
 * only one of its name and takes the body and nothing else, is called at once; Camel chooses it,
 * and what each parameter is to be, anew for each mail. All other steps are Camel's.
 */
public final class DirectBeanFactory extends ServiceSupport
    implements BeanProcessorFactory, CamelContextAware {
  private final DefaultBeanProcessorFactory camels = new DefaultBeanProcessorFactory();

  @Override
  public CamelContext getCamelContext() {
    return camels.getCamelContext();
  }

  @Override
  public void setCamelContext(CamelContext context) {
    camels.setCamelContext(context);
  }

  @Override
  protected void doInit() {
    ServiceHelper.initService(camels);
  }

  @Override
  protected void doStart() {
    ServiceHelper.startService(camels);
  }

  @Override
  protected void doStop() {
    ServiceHelper.stopService(camels);
  }

  @Override
  public Processor createBeanProcessor(CamelContext camelContext, Object bean, Method method)
      throws Exception {
    return camels.createBeanProcessor(camelContext, bean, method);
  }

  @Override
  public Processor createBeanProcessor(
      CamelContext camelContext,
      @Nullable Object bean,
      @Nullable String beanType,
      @Nullable Class<?> beanClass,
      @Nullable String ref,
      @Nullable String method,
      BeanScope scope)
      throws Exception {
    Processor made =
        camels.createBeanProcessor(camelContext, bean, beanType, beanClass, ref, method, scope);
    return made.getClass() == BeanProcessor.class
            && ref != null
            && method != null
            && Methods.isName(method)
            && scope == BeanScope.Singleton
        ? new Direct(((BeanProcessor) made).getBeanHolder(), method)
        : made;
  }

  private static final class Direct extends BeanProcessor {
    private final String method;

    Direct(BeanHolder holder, String method) {
      super(holder);
      this.method = method;
      setMethod(method);
      setScope(BeanScope.Singleton);
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
      Message in = exchange.getIn();
      Object body = in.getBody();
      if (body == null
          || body instanceof StreamCache
          || exchange.hasOut()
          || in.getClass() != DefaultMessage.class) {
        return super.process(exchange, callback);
      }
      Object target = getBean();
      Optional<Method> found = Methods.of(target.getClass()).ofBody(method, body);
      if (found.isEmpty()) {
        return super.process(exchange, callback);
      }
      call(found.get(), target, body, exchange);
      callback.done(true);
      return true;
    }

    private static void call(Method method, Object target, Object body, Exchange exchange) {
      try {
        Object result = method.invoke(target, body);
        if (method.getReturnType() != void.class) {
          exchange.getIn().setBody(result);
        }
      } catch (InvocationTargetException e) {
        exchange.setException(e.getCause());
      } catch (IllegalAccessException e) {
        exchange.setException(e);
      }
    }
  }
}
