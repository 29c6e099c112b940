package dev.caravan.interop;

import dev.caravan.delivery.auth.TokenServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A private Dovecot whose submission service sends on to a sink. */
final class Dovecot implements AutoCloseable {
  static final String PASSWORD = "s3cret";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final String CONFIGURATION =
      """
      protocols = submission
      base_dir = ${dir}/run
      state_dir = ${dir}/state
      log_path = ${dir}/dovecot.log
      listen = 127.0.0.1
      ssl = required
      ssl_cert = <${dir}/cert.pem
      ssl_key = <${dir}/key.pem
      auth_mechanisms = plain login cram-md5 scram-sha-256 xoauth2 oauthbearer
      auth_verbose = yes
      auth_failure_delay = 0
      first_valid_uid = 1
      mail_location = maildir:${dir}/home
      hostname = dovecot.example
      submission_relay_host = 127.0.0.1
      submission_relay_port = ${sink}
      passdb {
        driver = oauth2
        mechanisms = xoauth2 oauthbearer
        args = ${dir}/oauth2.conf
      }
      passdb {
        driver = passwd-file
        mechanisms = plain login cram-md5 scram-sha-256
        args = ${dir}/users
      }
      userdb {
        driver = static
        args = uid=nobody gid=nogroup home=${dir}/home
      }
      service submission-login {
        inet_listener submission {
          port = ${port}
        }
      }
      service auth {
        user = root
      }
      service anvil {
        unix_listener anvil-auth-penalty {
          mode = 0
        }
      }
      """;
  private static final String OAUTH2 =
      """
      introspection_mode = post
      introspection_url = ${introspection}
      force_introspection = yes
      username_attribute = username
      active_attribute = active
      active_value = true
      """;

  private final Process process;
  private final int port;

  private Dovecot(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  static void need() {
    Tools.need("dovecot", "dovecot-core");
    Tools.need("openssl", "openssl");
    Tools.need(
        Files.isExecutable(Path.of("/usr/lib/dovecot/submission-login")),
        "Dovecot has no submission service (package dovecot-submissiond)");
    Tools.need(
        System.getProperty("user.name", "").equals("root"), "Dovecot can only be started by root");
  }

  /**
   * Starts it; its files are in a new folder in this one.
   *
   * @param sink the port that it sends on to
   * @param tokens whom it asks about access tokens
   */
  static Dovecot start(Path folder, int sink, TokenServer tokens) throws Exception {
    Path dir = Files.createDirectory(folder.resolve("dovecot"));
    // Its processes run as others than root.
    for (Path each : new Path[] {folder, dir}) {
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Path home = Files.createDirectory(dir.resolve("home"));
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
    Run key =
        Run.command(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=dovecot.example",
            "-keyout",
            dir + "/key.pem",
            "-out",
            dir + "/cert.pem");
    Tools.need(key.exit() == 0, "openssl makes no certificate: " + key.output());
    Files.writeString(dir.resolve("users"), "joe:{PLAIN}" + PASSWORD + "::::::\n");
    int port = freePort();
    Map<String, String> values =
        Map.of(
            "dir", dir.toString(),
            "sink", Integer.toString(sink),
            "port", Integer.toString(port),
            "introspection", tokens.introspectionUrl());
    Files.writeString(dir.resolve("oauth2.conf"), filled(OAUTH2, values));
    Path configuration =
        Files.writeString(dir.resolve("dovecot.conf"), filled(CONFIGURATION, values));
    Process process =
        new ProcessBuilder(Tools.need("dovecot", "dovecot-core"), "-F", "-c", configuration + "")
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("dovecot.out").toFile())
            .start();
    Dovecot dovecot = new Dovecot(process, port);
    try {
      dovecot.awaitListening(dir);
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      dovecot.close();
      throw e;
    }
    return dovecot;
  }

  /** Dovecot takes 0 for "off": a port that was free a moment ago has to do. */
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String filled(String text, Map<String, String> values) {
    String filled = text;
    for (Map.Entry<String, String> value : values.entrySet()) {
      filled = filled.replace("${" + value.getKey() + "}", value.getValue());
    }
    return filled;
  }

  private void awaitListening(Path dir) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (process.isAlive() && System.nanoTime() < end) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
        return;
      } catch (IOException e) {
        Thread.sleep(PAUSE);
      }
    }
    throw new AssertionError(
        "Dovecot does not listen: " + Files.readString(dir.resolve("dovecot.out")));
  }

  int port() {
    return port;
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }
}
