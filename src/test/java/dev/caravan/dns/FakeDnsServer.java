package dev.caravan.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedFlags;
import org.xbill.DNS.Flags;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TLSARecord;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * A real DNS server on a loopback port of its own, UDP and TCP, with a zone added by code:
 *
 * <pre>{@code
 * try (FakeDnsServer dns = FakeDnsServer.start()) {
 *   dns.a("mx.example", "127.0.0.1").mx("example.com", 10, "mx.example");
 *   ... "caravan.dns.servers=" + dns.address() ...
 * }
 * }</pre>
 *
 * <p>What was never said does not exist. Answers that do not fit are truncated over UDP.
 */
public final class FakeDnsServer implements AutoCloseable {
  private static final int UDP_PLAIN = 512;
  private static final int MAX_ALIASES = 20;

  private final DatagramSocket udp;
  private final ServerSocket tcp;
  private final Map<Name, List<Record>> zone = new ConcurrentHashMap<>();
  private final Map<Name, Integer> rcodes = new ConcurrentHashMap<>();
  private final Set<Name> silent = ConcurrentHashMap.newKeySet();
  private final Set<Name> insecure = ConcurrentHashMap.newKeySet();
  private volatile boolean validating;
  private volatile boolean withoutSoa;
  private final List<String> queries = new CopyOnWriteArrayList<>();
  private volatile long ttl = 300;

  private FakeDnsServer(DatagramSocket udp, ServerSocket tcp) {
    this.udp = udp;
    this.tcp = tcp;
  }

  /** Starts one on a free port. */
  public static FakeDnsServer start() {
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    try {
      for (int i = 0; i < 20; i++) {
        ServerSocket tcp = new ServerSocket(0, 50, loopback);
        try {
          DatagramSocket udp = new DatagramSocket(tcp.getLocalPort(), loopback);
          FakeDnsServer server = new FakeDnsServer(udp, tcp);
          Thread.ofVirtual().name("fake-dns-udp").start(server::serveUdp);
          Thread.ofVirtual().name("fake-dns-tcp").start(server::serveTcp);
          return server;
        } catch (BindException e) {
          tcp.close(); // somebody else has this port for UDP: try another
        }
      }
      throw new IOException("no port is free for both UDP and TCP");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code host:port}, as {@code caravan.dns.servers} wants it. */
  public String address() {
    return "127.0.0.1:" + tcp.getLocalPort();
  }

  /** Seconds that records added from now on may be cached. */
  public FakeDnsServer ttl(long seconds) {
    ttl = seconds;
    return this;
  }

  public FakeDnsServer a(String name, String... addresses) {
    for (String address : addresses) {
      add(new ARecord(name(name), DClass.IN, ttl, InetAddress.ofLiteral(address)));
    }
    return this;
  }

  public FakeDnsServer aaaa(String name, String... addresses) {
    for (String address : addresses) {
      add(new AAAARecord(name(name), DClass.IN, ttl, InetAddress.ofLiteral(address)));
    }
    return this;
  }

  public FakeDnsServer mx(String name, int preference, String host) {
    return add(new MXRecord(name(name), DClass.IN, ttl, preference, name(host)));
  }

  /** The domain accepts no mail (RFC 7505). */
  public FakeDnsServer nullMx(String name) {
    return add(new MXRecord(name(name), DClass.IN, ttl, 0, Name.root));
  }

  /** One TXT record; it is split into strings of 255 octets. */
  public FakeDnsServer txt(String name, String text) {
    byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
    List<String> strings = new ArrayList<>();
    for (int at = 0; at == 0 || at < octets.length; at += 255) {
      strings.add(escaped(octets, at, Math.min(octets.length, at + 255)));
    }
    return add(new TXTRecord(name(name), DClass.IN, ttl, strings));
  }

  /** The library reads backslash escapes in texts. */
  private static String escaped(byte[] octets, int from, int to) {
    StringBuilder out = new StringBuilder();
    for (int i = from; i < to; i++) {
      out.append(String.format(Locale.ROOT, "\\%03d", octets[i] & 0xFF));
    }
    return out.toString();
  }

  public FakeDnsServer cname(String name, String target) {
    return add(new CNAMERecord(name(name), DClass.IN, ttl, name(target)));
  }

  /** The address points back to these names. */
  public FakeDnsServer ptr(String address, String... hosts) {
    Name name = ReverseMap.fromAddress(InetAddress.ofLiteral(address));
    for (String host : hosts) {
      add(new PTRRecord(name, DClass.IN, ttl, name(host)));
    }
    return this;
  }

  /**
   * From now on everything is said to be validated to whoever asks (DO or AD), as a validating
   * resolver would, but for what {@link #insecure} names.
   */
  public FakeDnsServer validating() {
    validating = true;
    return this;
  }

  /** From now on what does not exist is denied without an SOA record, as by broken resolvers. */
  public FakeDnsServer withoutSoa() {
    withoutSoa = true;
    return this;
  }

  /** This name and all below it are in no signed zone. */
  public FakeDnsServer insecure(String name) {
    insecure.add(name(name));
    return this;
  }

  /** A TLSA record; the association in hexadecimal. */
  public FakeDnsServer tlsa(String name, int usage, int selector, int matching, String data) {
    return add(
        new TLSARecord(
            name(name), DClass.IN, ttl, usage, selector, matching, HexFormat.of().parseHex(data)));
  }

  /** The name exists, without records. */
  public FakeDnsServer exists(String name) {
    zone.computeIfAbsent(name(name), n -> new CopyOnWriteArrayList<>());
    return this;
  }

  /** Questions about this name are answered with SERVFAIL. */
  public FakeDnsServer servfail(String name) {
    return rcode(name, Rcode.SERVFAIL);
  }

  /** Questions about this name are answered with this response code and nothing else. */
  public FakeDnsServer rcode(String name, int code) {
    rcodes.put(name(name), code);
    return this;
  }

  /** Questions about this name are never answered. */
  public FakeDnsServer timeout(String name) {
    silent.add(name(name));
    return this;
  }

  /** The name does not exist (any more). */
  public FakeDnsServer remove(String name) {
    zone.remove(name(name));
    rcodes.remove(name(name));
    silent.remove(name(name));
    return this;
  }

  /** What was asked, in order, as {@code "udp MX example.com."}. */
  public List<String> queries() {
    return List.copyOf(queries);
  }

  private FakeDnsServer add(Record record) {
    zone.computeIfAbsent(record.getName(), n -> new CopyOnWriteArrayList<>()).add(record);
    return this;
  }

  private static Name name(String text) {
    try {
      return Name.fromString(text.toLowerCase(Locale.ROOT), Name.root);
    } catch (TextParseException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private void serveUdp() {
    byte[] buffer = new byte[65_535];
    while (!udp.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        udp.receive(packet);
        Message query = new Message(Arrays.copyOf(buffer, packet.getLength()));
        Message response = answer(query, "udp");
        if (response != null) {
          OPTRecord opt = query.getOPT();
          int room = opt == null ? UDP_PLAIN : Math.max(UDP_PLAIN, opt.getPayloadSize());
          byte[] wire = response.toWire(room);
          udp.send(new DatagramPacket(wire, wire.length, packet.getSocketAddress()));
        }
      } catch (IOException e) {
        // closed, or a datagram that is no DNS message
      }
    }
  }

  private void serveTcp() {
    while (!tcp.isClosed()) {
      try {
        Socket client = tcp.accept();
        Thread.ofVirtual().start(() -> serveTcp(client));
      } catch (IOException e) {
        // closed
      }
    }
  }

  private void serveTcp(Socket client) {
    try (client) {
      DataInputStream in = new DataInputStream(client.getInputStream());
      DataOutputStream out = new DataOutputStream(client.getOutputStream());
      while (true) {
        Message query = new Message(in.readNBytes(in.readUnsignedShort()));
        Message response = answer(query, "tcp");
        if (response != null) {
          byte[] wire = response.toWire();
          out.writeShort(wire.length);
          out.write(wire);
          out.flush();
        }
      }
    } catch (IOException e) {
      // the client has gone
    }
  }

  private @Nullable Message answer(Message query, String transport) {
    Record question = query.getQuestion();
    if (question == null) {
      return null;
    }
    Name name = name(question.getName().toString());
    queries.add(transport + " " + Type.string(question.getType()) + " " + name);
    if (silent.contains(name)) {
      return null;
    }
    Message response = new Message(query.getHeader().getID());
    response.getHeader().setFlag(Flags.QR);
    response.getHeader().setFlag(Flags.RA);
    if (query.getHeader().getFlag(Flags.RD)) {
      response.getHeader().setFlag(Flags.RD);
    }
    response.addRecord(question, Section.QUESTION);
    OPTRecord opt = query.getOPT();
    boolean wanted =
        query.getHeader().getFlag(Flags.AD)
            || opt != null && (opt.getFlags() & ExtendedFlags.DO) != 0;
    if (validating && wanted) {
      response.getHeader().setFlag(Flags.AD);
    }
    for (int i = 0; i < MAX_ALIASES; i++) {
      Name now = name;
      if (insecure.stream().anyMatch(now::subdomain)) {
        response.getHeader().unsetFlag(Flags.AD);
      }
      Integer rcode = rcodes.get(name);
      if (rcode != null) {
        response.getHeader().unsetFlag(Flags.AD);
        response.getHeader().setRcode(rcode);
        return response;
      }
      boolean found = false;
      Name alias = null;
      for (Record record : zone.getOrDefault(name, List.of())) {
        if (record.getType() == question.getType()) {
          response.addRecord(record, Section.ANSWER);
          found = true;
        } else if (record instanceof CNAMERecord cname) {
          response.addRecord(record, Section.ANSWER);
          alias = cname.getTarget();
        }
      }
      if (found) {
        return response;
      }
      if (alias == null) {
        negative(response, name);
        return response;
      }
      name = name(alias.toString());
    }
    return response;
  }

  private void negative(Message response, Name name) {
    boolean exists =
        zone.containsKey(name) || zone.keySet().stream().anyMatch(other -> other.subdomain(name));
    response.getHeader().setRcode(exists ? Rcode.NOERROR : Rcode.NXDOMAIN);
    if (withoutSoa) {
      return;
    }
    response.addRecord(
        new SOARecord(
            /* name= */ Name.root,
            DClass.IN,
            ttl,
            /* host= */ name("ns.invalid"),
            /* admin= */ name("admin.invalid"),
            1,
            60,
            60,
            60,
            ttl),
        Section.AUTHORITY);
  }

  @Override
  public void close() {
    udp.close();
    try {
      tcp.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
