package dev.caravan.delivery.tls;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.caravan.mail.Domain;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/** An HTTPS server with a policy, behind a proxy that takes every name there is to it. */
public final class StsServer implements AutoCloseable {
  /** What a request brought along. */
  @SuppressWarnings("ArrayRecordComponent") // read once
  record Sent(String method, String type, byte[] body) {}

  private static final int OK = 200;
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private final HttpsServer https;
  private final ServerSocket proxy;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<Sent> sent = new CopyOnWriteArrayList<>();
  private volatile int status = OK;
  private volatile String type = "text/plain";
  private volatile byte[] body = new byte[0];
  private volatile boolean silent;

  /** With this certificate. */
  public StsServer(SSLContext context) throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    https = HttpsServer.create(new InetSocketAddress(loopback, 0), 10);
    https.setHttpsConfigurator(new HttpsConfigurator(context));
    https.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    https.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestHeaders().getFirst("Host") + exchange.getRequestURI());
          sent.add(
              new Sent(
                  exchange.getRequestMethod(),
                  String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type")),
                  exchange.getRequestBody().readAllBytes()));
          if (silent) {
            return;
          }
          exchange.getResponseHeaders().add("Content-Type", type);
          exchange.getResponseHeaders().add("Location", "https://elsewhere.example/");
          exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
          }
        });
    https.start();
    proxy = new ServerSocket(0, 10, loopback);
    Thread.startVirtualThread(this::accept);
  }

  /** {@code host:port} of the proxy. */
  public String proxy() {
    return "127.0.0.1:" + proxy.getLocalPort();
  }

  /** What it says from now on. */
  public StsServer says(int code, String contentType, String text) {
    status = code;
    type = contentType;
    body = text.getBytes(StandardCharsets.UTF_8);
    return this;
  }

  /** This policy from now on. */
  public StsServer policy(String text) {
    return says(OK, "text/plain", text);
  }

  /** It does not answer any more. */
  public StsServer silence() {
    silent = true;
    return this;
  }

  /** Host and path of each request. */
  public List<String> asked() {
    return List.copyOf(asked);
  }

  /** What came with each request. */
  List<Sent> sent() {
    return List.copyOf(sent);
  }

  /** Waits until the policy of a domain is known: on a busy machine not even that is quick. */
  public static void await(TlsPolicies policies, String domain) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (policies.plan(new Domain(domain), false).choose("mx.example")
            instanceof Choice.Not(TlsTrouble trouble, Found found)
        && trouble.reason().contains("just being fetched")) {
      if (System.nanoTime() > end) {
        throw new AssertionError("the policy of " + domain + " does not come: " + found);
      }
    }
  }

  private void accept() {
    while (!proxy.isClosed()) {
      try {
        Socket client = proxy.accept();
        Thread.startVirtualThread(() -> tunnel(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void tunnel(Socket client) {
    try (client;
        Socket server = new Socket(https.getAddress().getAddress(), https.getAddress().getPort())) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII), 1);
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        // the request, which asks for a tunnel
      }
      client.getOutputStream().write("HTTP/1.1 200 ok\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      Thread up = Thread.startVirtualThread(() -> copy(client, server));
      copy(server, client);
      up.interrupt();
    } catch (IOException e) {
      // one of them has gone
    }
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      // one of them has gone
    }
  }

  @Override
  public void close() {
    https.stop(0);
    try {
      proxy.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
