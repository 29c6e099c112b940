import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** How long a gateway takes until it greets; see start.sh. */
final class Start {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private record Figures(double seconds, double processor, double megabytes) {}

  private Start() {}

  public static void main(String[] arguments) throws Exception {
    int rounds = 5;
    List<String> trees = new ArrayList<>();
    for (String argument : arguments) {
      if (argument.startsWith("rounds=")) {
        rounds = Integer.parseInt(argument.substring("rounds=".length()));
      } else {
        trees.add(argument);
      }
    }
    if (trees.isEmpty()) {
      trees.add(System.getProperty("caravan.home"));
    }
    for (String tree : trees) {
      run(Path.of(tree, "caravan").toString(), "train");
    }
    Map<String, List<Figures>> all = new LinkedHashMap<>();
    for (int round = 1; round <= rounds; round++) {
      for (String tree : trees) {
        String name = trees.size() > 1 ? tree + ": " : "";
        Path folder = Files.createTempDirectory("caravan-start");
        try {
          int port = Peer.freePort();
          for (String which : List.of("first start", "next start")) {
            Figures figures = start(tree, folder, port);
            all.computeIfAbsent(name + which, key -> new ArrayList<>()).add(figures);
            System.out.printf(
                "round %d: %s%s: greeted after %.2f s, %.2f s of processor time, RSS %.0f MB%n",
                round, name, which, figures.seconds, figures.processor, figures.megabytes);
          }
        } finally {
          BenchFiles.delete(folder);
        }
      }
    }
    all.forEach(
        (name, each) ->
            System.out.printf(
                "%s: median %.2f s (%.2f to %.2f), %.2f s of processor time, RSS %.0f MB%n",
                name,
                at(each, Figures::seconds, 0.5),
                at(each, Figures::seconds, 0),
                at(each, Figures::seconds, 1),
                at(each, Figures::processor, 0.5),
                at(each, Figures::megabytes, 0.5)));
  }

  private static Figures start(String tree, Path folder, int port) throws Exception {
    long began = System.nanoTime();
    Process gateway =
        new ProcessBuilder(
                Path.of(tree, "caravan").toString(),
                "run",
                "-P",
                "caravan.data-dir=" + folder.resolve("data"),
                "-P",
                "caravan.smtp.port=" + port,
                "-P",
                "caravan.broker.port=0",
                "-P",
                "caravan.http.port=0")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(folder.resolve("log").toFile())
            .start();
    try {
      while (!greets(port)) {
        if (!gateway.isAlive() || System.nanoTime() - began > PATIENCE.toNanos()) {
          throw new IOException("it did not start:\n" + Files.readString(folder.resolve("log")));
        }
        TimeUnit.MILLISECONDS.sleep(5);
      }
      double seconds = (System.nanoTime() - began) / 1e9;
      return new Figures(
          seconds,
          Peer.seconds(gateway.pid(), false),
          Peer.status(gateway.pid(), "VmRSS") / 1024.0);
    } finally {
      gateway.destroy();
      gateway.waitFor();
    }
  }

  private static boolean greets(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      String line =
          new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
              .readLine();
      return line != null && line.startsWith("220 ");
    } catch (IOException e) {
      return false;
    }
  }

  private static void run(String... command) throws Exception {
    int status =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start()
            .waitFor();
    if (status != 0) {
      throw new IOException(String.join(" ", command) + " ended with " + status);
    }
  }

  private static double at(List<Figures> all, ToDoubleFunction<Figures> what, double share) {
    return all.stream()
        .mapToDouble(what)
        .sorted()
        .skip(Math.round((all.size() - 1) * share))
        .findFirst()
        .orElseThrow();
  }
}
