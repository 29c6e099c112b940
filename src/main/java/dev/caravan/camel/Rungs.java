package dev.caravan.camel;

import dev.caravan.queue.Ladder;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;

/** Makes a route from the template {@code rung} for each step of the retry schedule. */
final class Rungs extends MainListenerSupport {
  @Override
  public void afterConfigure(BaseMainSupport main) {
    CamelContext context = main.getCamelContext();
    try {
      context.addStartupListener(
          (started, alreadyStarted) -> {
            Ladder ladder = started.getRegistry().findSingleByType(Ladder.class);
            for (Ladder.Rung rung : ladder.rungs()) {
              started.addRouteFromTemplate(
                  "rung-" + rung.name(), "rung", Map.of("delay", rung.name()));
            }
          });
    } catch (Exception e) {
      throw new IllegalStateException("the retry ladder can't be set up", e);
    }
  }
}
