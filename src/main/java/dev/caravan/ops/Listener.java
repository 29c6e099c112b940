package dev.caravan.ops;

/** Addresses that are listened on, as addresses to connect to. */
final class Listener {
  private Listener() {}

  /** {@code HOST:PORT} with the wildcard address replaced by the loopback one. */
  static String reachable(String listener) {
    int colon = listener.lastIndexOf(':');
    String host = listener.substring(0, Math.max(0, colon));
    String port = listener.substring(colon);
    return switch (host) {
      case "0.0.0.0" -> "127.0.0.1" + port;
      case "::", "[::]", "0:0:0:0:0:0:0:0" -> "[::1]" + port;
      default ->
          host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" + port : listener;
    };
  }
}
