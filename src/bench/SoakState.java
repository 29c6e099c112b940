import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a gateway holds.
 *
 * @param heap octets in use after a collection of all of it
 * @param threads of the process; virtual ones are part of the heap
 * @param descriptors open
 * @param journal octets of the broker's journal, whose files are kept to be used again
 * @param disk octets of all other files below the data folder
 * @param resident octets of memory of the process
 */
record SoakState(
    long heap, long threads, long descriptors, long journal, long disk, long resident) {
  private static final long MB = 1L << 20;

  /** A tenth of it, and what the broker keeps of unconfirmed answers: at most 3 MB. */
  private static final long HEAP_SLACK = 8 * MB;

  /** Of pools that grow as long as they are busy, to a limit: the broker's have some 20 each. */
  private static final int THREADS_SLACK = 16;

  /** What is open at some instant. */
  private static final int DESCRIPTORS_SLACK = 12;

  /** The broker keeps 30 files of 10 MB, and one that it writes. */
  private static final long JOURNAL_MAX = 310 * MB;

  private static final long DISK_SLACK = 4 * MB;

  private static final Pattern HEAP = Pattern.compile("total \\d+K, used (\\d+)K");
  private static final Pattern QUEUED =
      Pattern.compile("(?m)^caravan_queue_messages\\{[^}]*} (\\d+)");

  /** Takes some seconds of the gateway's processor. */
  static SoakState of(BenchGateway gateway) throws Exception {
    // Twice: what is cleaned up after the first is garbage for the second.
    jcmd(gateway, "GC.run");
    jcmd(gateway, "GC.run");
    Matcher used = HEAP.matcher(jcmd(gateway, "GC.heap_info"));
    long heap = 0;
    while (used.find()) {
      heap += Long.parseLong(used.group(1)) << 10;
    }
    SoakState rest = withoutHeap(gateway);
    return new SoakState(
        heap, rest.threads, rest.descriptors, rest.journal, rest.disk, rest.resident);
  }

  /** The same with 0 for the heap, at once. */
  static SoakState withoutHeap(BenchGateway gateway) throws IOException {
    Path data = gateway.folder().resolve("data");
    long journal = octets(data.resolve("broker/journal"));
    return new SoakState(
        0,
        Peer.status(gateway.process().pid(), "Threads"),
        count(gateway),
        journal,
        octets(data) - journal,
        Peer.status(gateway.process().pid(), "VmRSS") << 10);
  }

  /** Mails in all of its queues. */
  static long queued(BenchGateway gateway) throws Exception {
    String token = Files.readString(gateway.folder().resolve("data/admin.token")).strip();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.httpPort() + "/metrics"))
            .header("Authorization", "Bearer " + token)
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IOException("/metrics: " + answer.statusCode());
      }
      return QUEUED
          .matcher(answer.body())
          .results()
          .mapToLong(m -> Long.parseLong(m.group(1)))
          .sum();
    }
  }

  /** Writes what may explain growth to files in this folder, whose names begin so. */
  static void details(BenchGateway gateway, Path folder, String name) throws Exception {
    Files.createDirectories(folder);
    for (String what : new String[] {"GC.class_histogram", "Thread.print", "VM.metaspace"}) {
      Files.writeString(folder.resolve(name + "-" + what + ".txt"), jcmd(gateway, what));
    }
    StringBuilder open = new StringBuilder();
    try (Stream<Path> all = Files.list(Path.of("/proc/" + gateway.process().pid() + "/fd"))) {
      all.map(SoakState::target).sorted().forEach(target -> open.append(target).append('\n'));
    }
    Files.writeString(folder.resolve(name + "-descriptors.txt"), open);
    StringBuilder files = new StringBuilder();
    try (Stream<Path> all = Files.walk(gateway.folder().resolve("data"))) {
      all.sorted()
          .filter(Files::isRegularFile)
          .forEach(file -> files.append(file.toFile().length() + " " + file + "\n"));
    }
    Files.writeString(folder.resolve(name + "-files.txt"), files);
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return "closed";
    }
  }

  /** Whether there are fewer threads or descriptors, or less is on disk, than in that one. */
  boolean less(SoakState than) {
    return threads < than.threads
        || descriptors < than.descriptors
        || journal < than.journal
        || disk < than.disk;
  }

  /** The most that it may be at the end. */
  SoakState allowed() {
    return new SoakState(
        heap + heap / 10 + HEAP_SLACK,
        threads + THREADS_SLACK,
        descriptors + DESCRIPTORS_SLACK,
        Math.max(journal, JOURNAL_MAX),
        disk + DISK_SLACK,
        0);
  }

  /**
   * What of this is more than that, in words; empty = nothing. Memory of the process is not judged.
   */
  String more(SoakState most) {
    StringBuilder more = new StringBuilder();
    append(more, "heap", heap, most.heap, " octets");
    append(more, "threads", threads, most.threads, "");
    append(more, "descriptors", descriptors, most.descriptors, "");
    append(more, "the journal", journal, most.journal, " octets");
    append(more, "disk", disk, most.disk, " octets");
    return more.toString();
  }

  private static void append(StringBuilder text, String name, long is, long most, String unit) {
    if (is > most) {
      text.append(text.isEmpty() ? "" : ", ")
          .append("%s %d%s where %d are allowed".formatted(name, is, unit, most));
    }
  }

  /** In words, but for the memory of the process. */
  String judged() {
    return "heap %.1f MB, threads %d, descriptors %d, journal %d MB, other disk %.1f MB"
        .formatted((double) heap / MB, threads, descriptors, journal / MB, (double) disk / MB);
  }

  @Override
  public String toString() {
    return "%s, RSS %d MB".formatted(judged(), resident / MB);
  }

  private static long count(BenchGateway gateway) throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/" + gateway.process().pid() + "/fd"))) {
      return all.count();
    }
  }

  private static long octets(Path folder) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try (Stream<Path> all = Files.walk(folder)) {
        return all.mapToLong(file -> file.toFile().isFile() ? file.toFile().length() : 0).sum();
      } catch (UncheckedIOException e) {
        // A file went while it was looked for.
        if (attempt == 10) {
          throw e;
        }
      }
    }
  }

  private static String jcmd(BenchGateway gateway, String... what) throws Exception {
    String[] command = new String[what.length + 2];
    command[0] = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    command[1] = Long.toString(gateway.process().pid());
    System.arraycopy(what, 0, command, 2, what.length);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException(Arrays.toString(what) + ": " + text);
    }
    return text;
  }
}
