package dev.caravan.flow;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Carries connections to another port of this machine, and can be cut and mended. */
final class Cable implements AutoCloseable {
  private final ServerSocket server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
  private volatile int to;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger refused = new AtomicInteger();
  private volatile boolean cut;

  Cable(int to) throws IOException {
    this.to = to;
    Thread.startVirtualThread(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** Closes all connections, and every further one at once. */
  void cut() throws IOException {
    cut = true;
    for (Socket socket : open) {
      socket.close();
    }
  }

  /** Connections that came while it was cut. */
  int refused() {
    return refused.get();
  }

  /** From now on to another port: the one behind has been started again. */
  void mend(int port) {
    to = port;
    mend();
  }

  void mend() {
    cut = false;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket near = server.accept();
        open.add(near);
        if (cut) {
          near.close();
          refused.incrementAndGet();
          continue;
        }
        connect(near);
      } catch (IOException e) {
        // cut, or closed
      }
    }
  }

  private void connect(Socket near) throws IOException {
    try {
      Socket far = new Socket(InetAddress.getLoopbackAddress(), to);
      open.add(far);
      Thread.startVirtualThread(() -> carry(near, far));
      Thread.startVirtualThread(() -> carry(far, near));
    } catch (IOException e) {
      near.close();
      throw e;
    }
  }

  private void carry(Socket from, Socket onto) {
    try (from;
        onto;
        InputStream in = from.getInputStream()) {
      in.transferTo(onto.getOutputStream());
    } catch (IOException e) {
      // cut, or closed
    } finally {
      open.remove(from);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut();
  }
}
