import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The product, in a process of its own. */
record CaravanPeer(BenchGateway gateway) implements Peer {
  static CaravanPeer start(Path folder, BenchDns dns, int sinkPort, boolean signed)
      throws Exception {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("delivery.mode", "smarthost");
    keys.put("smarthost.host", BenchDns.address(1).getHostAddress());
    keys.put("smarthost.port", Integer.toString(sinkPort));
    keys.put("smarthost.tls", "none");
    // As many deliveries at a time as the others may make.
    keys.put("site.concurrency", Integer.toString(DELIVERIES));
    Path dkim = Files.createDirectories(folder.resolve("dkim/client.example"));
    keys.put("dkim.keys-dir", dkim.getParent().toString());
    if (signed) {
      Files.writeString(dkim.resolve("bench.pem"), Peer.rsa());
    }
    return new CaravanPeer(BenchGateway.start(dns, sinkPort, keys));
  }

  @Override
  public String name() {
    return "Caravan";
  }

  @Override
  public int port() {
    return gateway.smtpPort();
  }

  @Override
  public int warmUp(int wanted) {
    return wanted;
  }

  @Override
  public double cpu() throws IOException {
    return Peer.seconds(gateway.process().pid(), false);
  }

  @Override
  public void close() throws Exception {
    gateway.close();
  }
}
