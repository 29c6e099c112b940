import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names {@code sN.example} (MX {@code mx.sN.example}), each at the address 127.0.1.N. */
final class BenchDns implements AutoCloseable {
  private static final Pattern SITE = Pattern.compile("(mx\\.)?s(\\d{1,3})\\.example");
  private static final int A = 1;
  private static final int MX = 15;
  private final DatagramSocket socket;

  BenchDns() throws IOException {
    socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"));
    Thread.startVirtualThread(this::serve);
  }

  static InetAddress address(int site) throws IOException {
    return InetAddress.getByName("127.0.1." + site);
  }

  int port() {
    return socket.getLocalPort();
  }

  private void serve() {
    byte[] buffer = new byte[1500];
    while (!socket.isClosed()) {
      try {
        DatagramPacket query = new DatagramPacket(buffer, buffer.length);
        socket.receive(query);
        byte[] answer = answer(buffer, query.getLength());
        socket.send(new DatagramPacket(answer, answer.length, query.getSocketAddress()));
      } catch (IOException | RuntimeException e) {
        // closed, or no question
      }
    }
  }

  private static byte[] answer(byte[] query, int length) throws IOException {
    StringBuilder name = new StringBuilder();
    int at = 12;
    for (; query[at] != 0; at += query[at] + 1) {
      name.append(name.isEmpty() ? "" : ".")
          .append(new String(query, at + 1, query[at], StandardCharsets.US_ASCII));
    }
    at++;
    int type = (query[at] & 0xff) << 8 | query[at + 1] & 0xff;
    int end = at + 4;
    Matcher site = SITE.matcher(name.toString().toLowerCase(Locale.ROOT));
    boolean known = site.matches();
    boolean has =
        known && (type == MX && site.group(1) == null || type == A && site.group(1) != null);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(query, 0, 2);
    out.writeShort(0x8180 | (known ? 0 : 3));
    out.writeShort(1);
    out.writeShort(has ? 1 : 0);
    out.writeInt(0);
    out.write(query, 12, end - 12);
    if (has) {
      out.writeShort(0xc00c);
      out.writeShort(type);
      out.writeShort(1);
      out.writeInt(3600);
      if (type == A) {
        out.writeShort(4);
        out.write(address(Integer.parseInt(site.group(2))).getAddress());
      } else {
        out.writeShort(2 + 3 + 2);
        out.writeShort(10);
        out.write(new byte[] {2, 'm', 'x', (byte) 0xc0, 0x0c});
      }
    }
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    socket.close();
  }
}
