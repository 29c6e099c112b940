package dev.caravan.proof;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** One broker, or a pair of which one serves, in processes of their own. */
final class Brokers implements AutoCloseable {
  static final String USER = "gateways";
  static final String PASSWORD = "open-sesame";

  private final List<BrokerProcess> all = new ArrayList<>();

  /** How a pair keeps what it has. */
  enum Kind {
    /** No pair. */
    ONE,
    SHARED_STORE
  }

  static Brokers of(Kind kind, Path folder) throws IOException {
    Brokers brokers = new Brokers();
    int first = freePort();
    int second = freePort();
    switch (kind) {
      case ONE -> brokers.add(new BrokerProcess(folder.resolve("one"), "", first, second));
      case SHARED_STORE -> {
        Path data = folder.resolve("data");
        brokers.add(
            new BrokerProcess(folder.resolve("primary"), "shared-store-primary", first, second)
                .on(data));
        brokers.add(
            new BrokerProcess(folder.resolve("backup"), "shared-store-backup", second, first)
                .on(data));
      }
    }
    return brokers;
  }

  private void add(BrokerProcess broker) {
    all.add(broker);
  }

  /** The two of a pair must know each other before they start. */
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  /** As the key {@code caravan.broker.url} has it. */
  String url() {
    return all.size() == 1
        ? address(all.getFirst())
        : all.stream().map(Brokers::address).collect(Collectors.joining(",", "(", ")?ha=true"));
  }

  /** For a client that gives up at once when its connection is lost. */
  String urlWithUser() {
    String options = "user=%s&password=%s&callTimeout=20000&reconnectAttempts=0";
    return url() + (all.size() == 1 ? "?" : "&") + options.formatted(USER, PASSWORD);
  }

  private static String address(BrokerProcess broker) {
    return "tcp://127.0.0.1:" + broker.port();
  }

  /** The one that serves first; returns when it does, and the other stands by. */
  void start() throws IOException, InterruptedException {
    all.getFirst().start();
    all.getFirst().awaitActive();
    for (BrokerProcess other : all.subList(1, all.size())) {
      other.start();
    }
    if (all.size() > 1) {
      all.getFirst().awaitBacked();
    }
  }

  /** The one that serves. */
  BrokerProcess active() {
    return all.stream().filter(BrokerProcess::isActive).findFirst().orElseThrow();
  }

  @Override
  public void close() throws InterruptedException {
    // Who stands by would take over.
    for (BrokerProcess broker : all.reversed()) {
      broker.kill();
    }
  }
}
