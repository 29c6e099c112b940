package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.logging.log4j.core.config.plugins.util.PluginManager;
import org.apache.logging.log4j.core.config.plugins.util.PluginType;
import org.junit.jupiter.api.Test;

/** Nothing that is logged is lost, or out of order, on its way to the writing thread. */
final class LogQueueTest {
  private static final int LINES = 10_000;

  @Test
  void allComeInOrderThoughThereIsRoomForFew() throws Exception {
    BlockingQueue<Integer> queue = LogQueue.<Integer>factory().create(16);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<Integer>> taken =
          threads.submit(
              () -> {
                List<Integer> all = new ArrayList<>();
                while (all.size() < LINES) {
                  all.add(queue.take());
                }
                return all;
              });
      for (int i = 0; i < LINES; i++) {
        queue.put(i);
      }
      assertThat(taken.get()).hasSize(LINES).isSorted();
    }
  }

  @Test
  void whoeverWaitsGetsWhatComesLater() throws Exception {
    BlockingQueue<String> queue = LogQueue.<String>factory().create(16);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> taken = threads.submit(queue::take);
      queue.put("line");
      assertThat(taken.get()).isEqualTo("line");
    }
  }

  /** The log's configuration names it; an unknown element there is only a warning. */
  @Test
  void theLogKnowsIt() {
    PluginManager plugins = new PluginManager("Core");
    plugins.collectPlugins();
    PluginType<?> type = plugins.getPluginType("LogQueue");
    assertThat(type).isNotNull();
    assertThat(type.getPluginClass()).isEqualTo(LogQueue.class);
  }
}
