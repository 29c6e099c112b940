package dev.caravan;

import dev.caravan.camel.Gateway;
import dev.caravan.ops.Commands;
import dev.caravan.ops.RunningGateway;
import dev.caravan.settings.Settings;
import java.util.Map;

/** The program. */
public final class Caravan {
  private Caravan() {}

  /** Runs one command and exits with its status: 0 yes or done, 1 no or failed, 2 wrong usage. */
  public static void main(String[] args) {
    System.exit(Commands.line(Caravan::start).execute(args));
  }

  /** The one place that joins the command line with the gateway. */
  private static RunningGateway start(Settings settings) throws Exception {
    Gateway gateway = Gateway.start(settings);
    return new RunningGateway() {
      @Override
      public Map<String, String> ports() {
        return gateway.ports();
      }

      @Override
      public void close() {
        gateway.close();
      }
    };
  }
}
