package dev.caravan.proof;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The process may open ten files more than it has open, and a hundred clients come. */
record FewFiles(int seconds) implements Injury {
  private static final int LEFT = 10;
  private static final int CLIENTS = 100;

  @Override
  public String name() {
    return "file descriptors exhausted";
  }

  @Override
  public Optional<String> missing() {
    return Files.isDirectory(Path.of("/proc/self/fd"))
        ? Command.missing("prlimit")
        : Optional.of("there is no /proc");
  }

  @Override
  public void prepare(Ward ward) {
    ward.ledger().brokerFails();
  }

  @Override
  public Done run(Ward ward) throws Exception {
    String pid = Long.toString(ward.pid());
    String before =
        Command.run("prlimit", "--pid", pid, "--nofile", "--noheadings", "--raw", "-o", "SOFT,HARD")
            .strip()
            .replaceAll("\\s+", ":");
    long open;
    try (Stream<Path> files = Files.list(Path.of("/proc", pid, "fd"))) {
      open = files.count();
    }
    Command.run("prlimit", "--pid", pid, "--nofile=" + (open + LEFT) + ":");
    int served = 0;
    List<Socket> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      Socket client = new Socket();
      clients.add(client);
      client.setSoTimeout(20);
      try {
        client.connect(
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), ward.port("smtp")), 1000);
        served += client.getInputStream().read() > 0 ? 1 : 0;
      } catch (IOException e) {
        // nobody takes the connection: so it shall be
      }
    }
    Pause.millis(seconds * 500, seconds * 500);
    long healed = System.nanoTime();
    if (ward.isRunning()) {
      Command.run("prlimit", "--pid", pid, "--nofile=" + before);
    }
    for (Socket client : clients) {
      client.close();
    }
    boolean died = ward.revive();
    double back = ward.served(healed);
    if (served == CLIENTS) {
      throw new AssertionError("no client was turned away");
    }
    String what = "%d of %d clients not greeted".formatted(CLIENTS - served, CLIENTS);
    // Its journal may have needed a file: what is in flight then can't be committed.
    return new Done(what + (died ? ", ended" : ""), died ? Sink.AT_ONCE_MAX : 0, List.of(back));
  }
}
