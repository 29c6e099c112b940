package dev.caravan;

import dev.caravan.camel.Gateway;
import dev.caravan.settings.Settings;
import dev.caravan.settings.SettingsReader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Temporary. */
public final class Caravan {
  private Caravan() {}

  public static void main(String[] args) throws Exception {
    Map<String, String> options = new HashMap<>();
    for (int i = 0; i + 1 < args.length; i++) {
      if (args[i].equals("-P")) {
        options.put(args[i + 1].split("=", 2)[0], args[i + 1].split("=", 2)[1]);
      }
    }
    Settings settings =
        new SettingsReader(
                Path.of(System.getProperty("caravan.home", ".")).toAbsolutePath().normalize(),
                options,
                Map.of(),
                System.getenv())
            .read();
    Gateway gateway = Gateway.start(settings);
    Runtime.getRuntime().addShutdownHook(new Thread(gateway::close));
    System.out.println("caravan ready " + gateway.ports());
    Thread.currentThread().join();
  }
}
