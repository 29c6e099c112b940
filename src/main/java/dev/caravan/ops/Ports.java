package dev.caravan.ops;

import dev.caravan.settings.Settings;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Whether the listeners will get their ports; tells which key to change when not. */
final class Ports {
  private Ports() {}

  /** One sentence for each address that can't be listened on. */
  static List<String> problems(Settings settings) {
    List<String> problems = new ArrayList<>();
    List<String> listeners = new ArrayList<>(List.of("smtp", "http"));
    if (settings.text("caravan.broker.url").isEmpty()) {
      listeners.add("broker");
    }
    if (!settings.text("caravan.tls.certificate").isEmpty()) {
      listeners.addAll(List.of("submission", "submissions"));
    }
    for (String listener : listeners) {
      String portKey = "caravan." + listener + ".port";
      String hostKey =
          "caravan." + (listener.startsWith("submission") ? "smtp" : listener) + ".host";
      int port = settings.number(portKey);
      if (port >= 0) {
        problem(settings.text(hostKey), hostKey, port, portKey, problems);
      }
    }
    return problems;
  }

  private static void problem(
      String host, String hostKey, int port, String portKey, List<String> problems) {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      problems.add(hostKey + ": there is no address of " + host);
      return;
    }
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(address, 1);
    } catch (BindException e) {
      problems.add(sentence(e, host, hostKey, port, portKey));
    } catch (IOException e) {
      problems.add(portKey + ": " + Failure.sentence(e));
    }
  }

  private static String sentence(
      BindException e, String host, String hostKey, int port, String portKey) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    if (message.contains("permission")) {
      return portKey + ": no permission to listen on port " + port;
    }
    if (message.contains("assign")) {
      return hostKey + ": " + host + " is no address of this machine";
    }
    return portKey + ": " + host + ":" + port + " is in use by another program";
  }
}
