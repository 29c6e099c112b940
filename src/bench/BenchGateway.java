import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A gateway in a process of its own that delivers to the sites of a {@link BenchDns}. */
record BenchGateway(Process process, Path folder, int smtpPort, int httpPort)
    implements AutoCloseable {
  static BenchGateway start(BenchDns dns, int sitePort, Map<String, String> more) throws Exception {
    Path folder = Files.createTempDirectory("caravan-bench");
    Map<String, String> keys = new java.util.LinkedHashMap<>();
    keys.put("smtp.port", "0");
    keys.put("submission.port", "-1");
    keys.put("submissions.port", "-1");
    keys.put("broker.port", "-1");
    keys.put("broker.disk-max", "99");
    keys.put("http.port", "0");
    keys.put("relay.networks", "127.0.0.1");
    keys.put("hostname", "bench.example");
    keys.put("spf.fail", "ignore");
    keys.put("log.level", "warn");
    keys.put("rate.user-messages", "0");
    keys.put("rate.user-recipients", "0");
    keys.put("delivery.mode", "mx");
    keys.put("mx.port", Integer.toString(sitePort));
    keys.put("mx.refuse-networks", "192.0.2.0/24");
    keys.put("dns.servers", "127.0.0.1:" + dns.port());
    keys.put("data-dir", folder.resolve("data").toString());
    keys.putAll(more);
    List<String> command =
        new ArrayList<>(List.of(System.getProperty("caravan.home") + "/caravan", "run"));
    keys.forEach((key, value) -> command.addAll(List.of("-P", "caravan." + key + "=" + value)));
    Process process =
        new ProcessBuilder(command).redirectError(folder.resolve("log").toFile()).start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    while (line != null && !line.startsWith("caravan ready")) {
      line = out.readLine();
    }
    if (line == null) {
      process.destroy();
      throw new IOException(
          "the gateway did not start:\n" + Files.readString(folder.resolve("log")));
    }
    return new BenchGateway(process, folder, port(line, "smtp"), port(line, "http"));
  }

  private static int port(String ready, String name) {
    Matcher found = Pattern.compile(" " + name + "=\\S*?:(\\d+)").matcher(ready);
    return found.find() ? Integer.parseInt(found.group(1)) : -1;
  }

  /** Resident memory, in MB. */
  long residentMegabytes() throws IOException {
    return Peer.status(process.pid(), "VmRSS") / 1024;
  }

  @Override
  public void close() throws Exception {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    BenchFiles.delete(folder);
  }
}
