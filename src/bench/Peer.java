import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A relay that takes mail from us and hands it to the sink. */
interface Peer extends AutoCloseable {
  /** Deliveries to the sink at the same time, of each. */
  int DELIVERIES = 50;

  /** Of the kernel, in a second. */
  int CLOCK_TICKS = 100;

  String name();

  int port();

  /** Processor time of all its processes until now, in seconds. */
  double cpu() throws IOException;

  /** Mails before the first round: until it is as fast as it gets. */
  int warmUp(int wanted);

  /** Processor time of a process and of all below it, the ended ones too, in seconds. */
  static double family(long pid) throws IOException {
    double all = seconds(pid, true);
    List<ProcessHandle> children =
        ProcessHandle.of(pid).map(p -> p.descendants().toList()).orElse(List.of());
    for (ProcessHandle child : children) {
      all += seconds(child.pid(), false);
    }
    return all;
  }

  /**
   * Processor time of a process, of its ended children too if wanted, in seconds; 0 when it is
   * gone.
   */
  static double seconds(long pid, boolean withEnded) throws IOException {
    Path stat = Path.of("/proc/" + pid + "/stat");
    if (!Files.exists(stat)) {
      return 0;
    }
    String line;
    try {
      line = Files.readString(stat);
    } catch (IOException e) {
      return 0;
    }
    String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
    double own = Double.parseDouble(fields[11]) + Double.parseDouble(fields[12]);
    double ended = Double.parseDouble(fields[13]) + Double.parseDouble(fields[14]);
    return (withEnded ? own + ended : own) / CLOCK_TICKS;
  }

  /** A number that the kernel tells of a process, such as VmRSS in kB. */
  static long status(long pid, String name) throws IOException {
    Matcher found =
        Pattern.compile("(?m)^" + name + ":\\s+(\\d+)")
            .matcher(Files.readString(Path.of("/proc/" + pid + "/status")));
    if (!found.find()) {
      throw new IOException("the process " + pid + " has ended");
    }
    return Long.parseLong(found.group(1));
  }

  static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  static void await(int port) throws Exception {
    for (int i = 0; i < 600; i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return;
      } catch (IOException e) {
        Thread.sleep(50);
      }
    }
    throw new IOException("nothing listens at port " + port);
  }

  static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + said);
    }
  }

  /** A new private key for DKIM (RSA-2048), PEM. */
  static String rsa() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'})
            .encodeToString(generator.generateKeyPair().getPrivate().getEncoded())
        + "\n-----END PRIVATE KEY-----\n";
  }
}
