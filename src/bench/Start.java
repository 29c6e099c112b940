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
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long a gateway takes until it greets; see start.sh. */
final class Start {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private record Figures(double seconds, double processor, double megabytes) {}

  private Start() {}

  public static void main(String[] arguments) throws Exception {
    int rounds = 5;
    Map<String, List<Figures>> trees = new LinkedHashMap<>();
    for (String argument : arguments) {
      if (argument.startsWith("rounds=")) {
        rounds = Integer.parseInt(argument.substring("rounds=".length()));
      } else {
        trees.put(argument, new ArrayList<>());
      }
    }
    if (trees.isEmpty()) {
      trees.put(System.getProperty("caravan.home"), new ArrayList<>());
    }
    for (String tree : trees.keySet()) {
      run(Path.of(tree, "caravan").toString(), "train");
    }
    for (int round = 1; round <= rounds; round++) {
      for (var tree : trees.entrySet()) {
        Figures figures = start(tree.getKey());
        tree.getValue().add(figures);
        System.out.printf(
            "round %d: %sgreeted after %.2f s, %.2f s of processor time, RSS %.0f MB%n",
            round,
            trees.size() > 1 ? tree.getKey() + ": " : "",
            figures.seconds,
            figures.processor,
            figures.megabytes);
      }
    }
    trees.forEach(
        (tree, all) ->
            System.out.printf(
                "%smedian %.2f s (%.2f to %.2f), %.2f s of processor time, RSS %.0f MB%n",
                trees.size() > 1 ? tree + ": " : "",
                at(all.stream().mapToDouble(Figures::seconds).toArray(), 0.5),
                at(all.stream().mapToDouble(Figures::seconds).toArray(), 0),
                at(all.stream().mapToDouble(Figures::seconds).toArray(), 1),
                at(all.stream().mapToDouble(Figures::processor).toArray(), 0.5),
                at(all.stream().mapToDouble(Figures::megabytes).toArray(), 0.5)));
  }

  private static Figures start(String tree) throws Exception {
    Path folder = Files.createTempDirectory("caravan-start");
    int port = Peer.freePort();
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
      return new Figures(seconds, Peer.seconds(gateway.pid(), false), megabytes(gateway.pid()));
    } finally {
      gateway.destroy();
      gateway.waitFor();
      BenchFiles.delete(folder);
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

  private static double megabytes(long pid) throws IOException {
    Matcher found =
        Pattern.compile("VmRSS:\\s+(\\d+)")
            .matcher(Files.readString(Path.of("/proc/" + pid + "/status")));
    return found.find() ? Long.parseLong(found.group(1)) / 1024.0 : -1;
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

  private static double at(double[] values, double share) {
    Arrays.sort(values);
    return values[(int) Math.round((values.length - 1) * share)];
  }
}
