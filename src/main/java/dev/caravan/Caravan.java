package dev.caravan;

import dev.caravan.camel.Gateway;
import dev.caravan.ops.Commands;
import dev.caravan.ops.RunningGateway;
import dev.caravan.settings.Settings;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;

/** The program. */
public final class Caravan {
  private Caravan() {}

  /** Runs one command and exits with its status: 0 yes or done, 1 no or failed, 2 wrong usage. */
  public static void main(String[] args) {
    System.exit(Commands.line(new GatewayStarter(), args).execute(args));
  }

  /** The one place that joins the command line with the gateway. */
  private static final class GatewayStarter implements RunningGateway.Starter {
    @Override
    public void prepare() {
      Gateway.prepare();
    }

    @Override
    public RunningGateway start(Settings settings) throws Exception {
      return new Running(Gateway.start(settings));
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
