package dev.caravan;

import dev.caravan.camel.Gateway;
import dev.caravan.ops.Commands;
import dev.caravan.ops.PlainRun;
import dev.caravan.ops.RunningGateway;
import dev.caravan.settings.Settings;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.jspecify.annotations.Nullable;

/** The program. */
public final class Caravan {
  private Caravan() {}

  /** Runs one command and exits with its status: 0 yes or done, 1 no or failed, 2 wrong usage. */
  public static void main(String[] args) {
    @Nullable Preparation preparation =
        args.length > 0 && args[0].equals("run") ? Preparation.begin() : null;
    RunningGateway.Starter starter = new GatewayStarter(preparation);
    System.exit(
        PlainRun.of(args)
            .map(run -> run.execute(starter))
            .orElseGet(() -> Commands.line(starter, args).execute(args)));
  }

  /** The one place that joins the command line with the gateway. */
  private record GatewayStarter(@Nullable Preparation preparation)
      implements RunningGateway.Starter {
    @Override
    public void configured(Settings settings) throws InterruptedException {
      if (preparation != null) {
        preparation.settle(settings);
      }
    }

    @Override
    public RunningGateway start(Settings settings, RunningGateway.Check check) throws Exception {
      return new Running(Gateway.start(settings, check::run));
    }

    @Override
    public void ended() {
      LogManager.shutdown();
    }
  }

  private record Running(Gateway gateway) implements RunningGateway {
    @Override
    public Map<String, String> ports() {
      return gateway.ports();
    }

    @Override
    public void onLoss(Consumer<String> listener) {
      gateway.onLoss(listener);
    }

    @Override
    public void close() {
      gateway.close();
    }
  }
}
