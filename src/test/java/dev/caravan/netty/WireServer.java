package dev.caravan.netty;

import dev.caravan.mail.Connection;
import dev.caravan.mail.Content;
import dev.caravan.mail.Domain;
import dev.caravan.mail.Mail;
import dev.caravan.mail.Networks;
import dev.caravan.mail.Question;
import dev.caravan.mail.Recipient;
import dev.caravan.mail.Sender;
import dev.caravan.mail.SmtpReply;
import dev.caravan.mail.Verdict;
import dev.caravan.smtp.Authentication;
import dev.caravan.smtp.Listening;
import dev.caravan.smtp.SmtpLimits;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The pipeline on a real socket with one client. What comes in can be split into single octets, and
 * the routes answer only while a reply is waited for, so that commands always find the server busy.
 */
final class WireServer implements AutoCloseable {
  private static final Duration MAX = Duration.ofSeconds(30);
  private static final int POLL_MILLIS = 2;

  private final Connections connections;
  private final MemoryBudget memory;
  private final List<Mail> mails = Collections.synchronizedList(new ArrayList<>());
  private final List<String> cutOffs = new CopyOnWriteArrayList<>();
  private final ConcurrentLinkedQueue<Asked> asked = new ConcurrentLinkedQueue<>();
  private final List<String[]> answers = new ArrayList<>();
  private final AtomicLong received = new AtomicLong();
  private final boolean octetWise;
  private final EventLoopGroup group = new NioEventLoopGroup(1);
  private final InetSocketAddress address;
  private final StringBuilder unread = new StringBuilder();
  private volatile @Nullable Channel channel;
  private @Nullable Socket socket;
  private long sent;
  private boolean ended;

  WireServer(Map<String, String> options, Path spool, boolean octetWise) throws Exception {
    ServerOptions server = options(options, spool);
    this.octetWise = octetWise;
    connections = new Connections(server);
    memory = new MemoryBudget(server.memoryMax());
    Door door = door(options, server, connections, memory, new Watchman(cutOffs));
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel ch) {
                    channel = ch;
                    boolean proxied = options.containsKey("proxied");
                    ch.pipeline().addLast(new Cutter());
                    if (proxied) {
                      ch.pipeline().addLast(new HAProxyMessageDecoder());
                    }
                    ch.pipeline()
                        .addLast(new SmtpServerHandler(door, proxied))
                        .addLast(new Route());
                  }
                });
    Channel listener = bootstrap.bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
    address = (InetSocketAddress) listener.localAddress();
  }

  static ServerOptions options(Map<String, String> options, Path spool) {
    return new ServerOptions(
        new SmtpLimits(
            number(options, "messageSize", 100_000),
            number(options, "header", 10_000),
            number(options, "recipients", 100),
            number(options, "errors", 10),
            number(options, "idleCommands", 1000),
            number(options, "commandLine", 4096),
            number(options, "textLine", 1000)),
        options.containsKey("noSpool") ? spool.resolve("missing") : spool,
        number(options, "spoolThreshold", 1024),
        number(options, "memory", 1_000_000),
        Duration.ofMillis(number(options, "greetingDelay", 0)),
        Duration.ofMillis(number(options, "proxyTimeout", 10_000)),
        Duration.ofMillis(number(options, "commandTimeout", 300_000)),
        Duration.ofMillis(number(options, "dataTimeout", 600_000)),
        Duration.ofMillis(number(options, "messageTimeout", 3_600_000)),
        number(options, "dataRateMin", 0),
        Duration.ofMillis(number(options, "dataRateGrace", 30_000)),
        number(options, "connections", 10),
        10,
        new PenaltyTerms(
            number(options, "connectionRate", 0),
            number(options, "offences", 0),
            Duration.ofMinutes(10),
            Duration.ofMinutes(5),
            Duration.ofMillis(number(options, "offenderDelay", 0))));
  }

  static Door door(
      Map<String, String> options,
      ServerOptions server,
      Connections connections,
      MemoryBudget memory,
      Watchman watchman) {
    Listening listening =
        new Listening(
            "smtp",
            "relay.example",
            Listening.Tls.valueOf(options.getOrDefault("tls", "NONE")),
            Listening.Auth.valueOf(options.getOrDefault("auth", "NONE")),
            true,
            Duration.ofDays(7));
    ListenerOptions listener =
        new ListenerOptions(
            listening,
            Networks.parse(options.getOrDefault("trusted", "")),
            Networks.NONE,
            Networks.parse(options.getOrDefault("xclient", "")),
            "modern",
            1000);
    return new Door(
        server,
        listener,
        Authentication.NONE,
        Encryption.NONE,
        connections,
        memory,
        watchman,
        Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC));
  }

  /**
   * @param cutOffs of the clients that were cut off, address and reply
   */
  record Watchman(List<String> cutOffs) implements Gatehouse {
    @Override
    public void cutOff(String listener, InetSocketAddress peer, SmtpReply reply) {
      cutOffs.add(peer.getAddress().getHostAddress() + " " + reply);
    }

    @Override
    public Optional<SmtpReply> shortage() {
      return Optional.empty();
    }

    @Override
    public int startQueue(Domain domain) {
      return domain.name().equals("waiting.example") ? 3 : 0;
    }
  }

  private static int number(Map<String, String> options, String name, int orElse) {
    return Integer.parseInt(options.getOrDefault(name, Integer.toString(orElse)));
  }

  /** Counts what comes, and cuts it if it shall. */
  private final class Cutter extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf octets = (ByteBuf) message;
      received.addAndGet(octets.readableBytes());
      if (!octetWise) {
        ctx.fireChannelRead(octets);
        return;
      }
      while (octets.isReadable()) {
        ctx.fireChannelRead(octets.readRetainedSlice(1));
      }
      octets.release();
    }
  }

  private final class Route extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      asked.add((Asked) message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  void connect() throws IOException {
    Socket s = new Socket(address.getAddress(), address.getPort());
    s.setSoTimeout(POLL_MILLIS);
    s.setTcpNoDelay(true);
    socket = s;
    ended = false;
  }

  /** What the route says from now on: phase, subject, reply. */
  void answer(String phase, String subject, String reply) {
    answers.add(new String[] {phase, subject, reply});
  }

  void send(String octets) throws IOException {
    byte[] bytes = octets.getBytes(StandardCharsets.ISO_8859_1);
    sent += bytes.length;
    socket().getOutputStream().write(bytes);
  }

  private Socket socket() {
    Socket s = socket;
    if (s == null) {
      throw new IllegalStateException("connect first");
    }
    return s;
  }

  void disconnect() throws IOException {
    socket().close();
  }

  /** The server has read all it wants to read now. */
  private boolean isRead() {
    Channel ch = channel;
    return ch != null && (received.get() >= sent || !ch.config().isAutoRead() || !ch.isActive());
  }

  /** Answers the oldest open question; false without one. */
  private boolean answerOne() {
    Asked next = isRead() ? asked.poll() : null;
    if (next == null) {
      return false;
    }
    if (next.question() instanceof Mail mail) {
      mails.add(mail.withContent(Content.of(mail.content().toBytes())));
    }
    next.answer(decide(next.question()));
    return true;
  }

  private Object decide(Question<?> question) {
    return decide(question, answers);
  }

  /** What the route says: the first of these (phase, subject, reply) that fits, else yes. */
  static Object decide(Question<?> question, List<String[]> answers) {
    Question<?> permitted = question instanceof Recipient r ? r.permitRelay() : question;
    Optional<String[]> rule =
        answers.stream()
            .filter(a -> a[0].equals(question.phase()) && a[1].equals(subject(question)))
            .findFirst();
    if (rule.isEmpty()) {
      return permitted;
    }
    String reply = rule.get()[2];
    if (reply.equals("fail")) {
      return new IllegalStateException("the secret reason");
    }
    SmtpReply parsed = SmtpReply.parse(reply);
    return permitted.decide(
        parsed.isTemporary() ? new Verdict.Defer(parsed) : new Verdict.Reject(parsed));
  }

  private static String subject(Question<?> question) {
    return switch (question) {
      case Connection c -> "*";
      case Sender s -> "<" + s.sender() + ">";
      case Recipient r -> r.recipient().toString();
      case Mail m -> "*";
    };
  }

  /** Of each client that was cut off, address and reply. */
  List<String> cutOffs() {
    return cutOffs;
  }

  /** The next line of a reply; empty when the server has closed the connection. */
  Optional<String> line() throws IOException {
    long deadline = System.nanoTime() + MAX.toNanos();
    while (System.nanoTime() - deadline < 0) {
      int lf = unread.indexOf("\r\n");
      if (lf >= 0) {
        String line = unread.substring(0, lf);
        unread.delete(0, lf + 2);
        return Optional.of(line);
      }
      if (ended) {
        return Optional.empty();
      }
      answerOne();
      read();
    }
    throw new AssertionError("no reply came within " + MAX);
  }

  private void read() throws IOException {
    try {
      byte[] buffer = new byte[4096];
      int count = socket().getInputStream().read(buffer);
      ended = count < 0;
      unread.append(new String(buffer, 0, Math.max(count, 0), StandardCharsets.ISO_8859_1));
    } catch (SocketTimeoutException e) {
      // nothing yet
    }
  }

  /** Waits until this comes true, while the routes answer. */
  void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + MAX.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("did not become true: " + what);
      }
      answerOne();
      Thread.onSpinWait();
    }
  }

  List<Mail> mails() {
    return mails;
  }

  int connections() {
    return connections.count();
  }

  /** As the server does when it stops. */
  boolean drain(Duration max) throws InterruptedException {
    return connections.drain(max);
  }

  boolean isDraining() {
    return connections.isDraining();
  }

  /** What another client hears first, up to the end of its connection. */
  String greetingOfAnother() throws IOException {
    try (Socket another = new Socket(address.getAddress(), address.getPort())) {
      another.setSoTimeout((int) MAX.toMillis());
      return new String(another.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  /** Questions that the route has and has not answered. */
  int openQuestions() {
    return asked.size();
  }

  long memoryUsed() {
    return memory.used();
  }

  /** Replies that nobody has asked for. */
  String unread() {
    return unread.toString();
  }

  @Override
  public void close() throws IOException {
    try {
      disconnect();
    } finally {
      group.shutdownGracefully(0, 5, java.util.concurrent.TimeUnit.SECONDS).syncUninterruptibly();
    }
  }
}
