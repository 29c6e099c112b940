import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A Haraka with as many processes as there are processors. It says 250 when the mail's file is
 * synced and has its name; the folder that it got its name in is not synced. It makes a connection
 * for each delivery: it can't keep any.
 */
record HarakaPeer(Process process, int port) implements Peer {
  /** Takes everything, and sends it to the sink. */
  private static final String PLUGIN =
      """
      'use strict'
      exports.hook_rcpt = (next, connection) => {
        connection.relaying = true
        next(OK)
      }
      exports.hook_get_mx = (next) => next(OK, { exchange: 'SINK', port: PORT, priority: 0 })
      """;

  static HarakaPeer start(Path folder, Path haraka, int sinkPort) throws Exception {
    int port = Peer.freePort();
    int processes = Runtime.getRuntime().availableProcessors();
    Path home = Files.createDirectory(folder.resolve("haraka"));
    Path config = Files.createDirectory(home.resolve("config"));
    Path plugins = Files.createDirectory(home.resolve("plugins"));
    Files.createDirectory(home.resolve("queue"));
    // It has no defaults for what stands there.
    Files.copy(haraka.resolve("config/connection.ini"), config.resolve("connection.ini"));
    Files.writeString(config.resolve("me"), "relay.example\n");
    Files.writeString(config.resolve("plugins"), "bench\n");
    Files.writeString(config.resolve("log.ini"), "[main]\nlevel=warn\n");
    Files.writeString(
        config.resolve("smtp.ini"), "listen=127.0.0.1:%d\nnodes=%d\n".formatted(port, processes));
    // The limit is that of a process.
    Files.writeString(
        config.resolve("outbound.ini"),
        "enable_tls=false\nlocal_mx_ok=true\nconcurrency_max=%d\n"
            .formatted(Math.max(1, DELIVERIES / processes)));
    Files.writeString(
        plugins.resolve("bench.js"),
        PLUGIN
            .replace("SINK", BenchDns.address(1).getHostAddress())
            .replace("PORT", Integer.toString(sinkPort)));
    Process process =
        new ProcessBuilder(haraka.resolve("bin/haraka").toString(), "-c", home.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("haraka.log").toFile())
            .start();
    HarakaPeer peer = new HarakaPeer(process, port);
    try {
      Peer.await(port);
    } catch (IOException e) {
      peer.close();
      throw new IOException(
          "Haraka did not start: " + Files.readString(folder.resolve("haraka.log")), e);
    }
    return peer;
  }

  @Override
  public String name() {
    return "Haraka";
  }

  @Override
  public int warmUp(int wanted) {
    return Math.min(wanted, 5_000);
  }

  @Override
  public double cpu() throws IOException {
    return Peer.family(process.pid());
  }

  @Override
  public void close() throws Exception {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    children.forEach(ProcessHandle::destroyForcibly);
  }
}
