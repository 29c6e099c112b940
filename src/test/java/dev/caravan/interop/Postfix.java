package dev.caravan.interop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A Postfix of its own, which takes mail for everybody from this machine and throws it away: at
 * 127.0.0.1 with the certificate {@code right}, at 127.0.0.2 with {@code wrong}, at 127.0.0.3
 * without TLS, all at one port.
 */
final class Postfix implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path conf;
  private final Path log;
  private final int port;

  private Postfix(Path conf, Path log, int port) {
    this.conf = conf;
    this.log = log;
    this.port = port;
  }

  /** Starts it in this folder, where {@code right.crt}, {@code right.key} and so on are. */
  static Postfix start(Path folder) throws Exception {
    String program = Tools.need("postfix", "postfix");
    Tools.need(
        System.getProperty("user.name", "").equals("root"), "a Postfix of its own needs root");
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      port = free.getLocalPort();
    }
    Path conf = Files.createDirectory(folder.resolve("postfix"));
    Path data = Files.createDirectory(folder.resolve("postfix-data"));
    Files.createDirectory(folder.resolve("postfix-queue"));
    Files.setOwner(
        data,
        data.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postfix"));
    Path log = folder.resolve("postfix.log");
    Files.writeString(
        conf.resolve("main.cf"),
        """
        compatibility_level = 3.6
        queue_directory = FOLDER/postfix-queue
        data_directory = FOLDER/postfix-data
        command_directory = /usr/sbin
        daemon_directory = /usr/lib/postfix/sbin
        mail_owner = postfix
        setgid_group = postdrop
        myhostname = mx.example
        mydestination =
        default_transport = discard:
        relay_transport = discard:
        local_recipient_maps =
        alias_maps =
        alias_database =
        mynetworks = 127.0.0.0/8
        smtpd_relay_restrictions = permit_mynetworks, reject
        inet_protocols = ipv4
        maillog_file = FOLDER/postfix.log
        maillog_file_prefixes = FOLDER
        smtpd_tls_loglevel = 1
        """
            .replace("FOLDER", folder.toString()));
    StringBuilder services = new StringBuilder();
    String tls =
        "%s:%d inet n - n - - smtpd -o smtpd_tls_security_level=may"
            + " -o smtpd_tls_chain_files=%s.key,%s.crt%n";
    services.append(tls.formatted("127.0.0.1", port, folder + "/right", folder + "/right"));
    services.append(tls.formatted("127.0.0.2", port, folder + "/wrong", folder + "/wrong"));
    services.append("127.0.0.3:%d inet n - n - - smtpd%n".formatted(port));
    services.append(
        """
        postlog unix-dgram n - n - 1 postlogd
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 300 1 qmgr
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        proxymap unix - - n - - proxymap
        tlsmgr unix - - n 1000? 1 tlsmgr
        discard unix - - n - - discard
        error unix - - n - - error
        retry unix - - n - - error
        anvil unix - - n - 1 anvil
        """);
    Files.writeString(conf.resolve("master.cf"), services);
    Postfix postfix = new Postfix(conf, log, port);
    Run run = Run.command(program, "-c", conf.toString(), "start");
    if (run.exit() != 0) {
      throw new AssertionError(run.output() + postfix.log());
    }
    try {
      postfix.await();
    } catch (IOException | RuntimeException | Error e) {
      postfix.close();
      throw e;
    }
    return postfix;
  }

  private void await() throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (String address : List.of("127.0.0.1", "127.0.0.2", "127.0.0.3")) {
      while (true) {
        try (Socket socket = new Socket()) {
          socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port));
          break;
        } catch (IOException e) {
          if (System.nanoTime() > end) {
            throw new AssertionError("Postfix does not listen: " + log(), e);
          }
          Thread.sleep(50);
        }
      }
    }
  }

  int port() {
    return port;
  }

  String log() throws IOException {
    return Files.exists(log) ? Files.readString(log) : "";
  }

  @Override
  public void close() throws Exception {
    Run.command("/usr/sbin/postfix", "-c", conf.toString(), "stop");
  }
}
