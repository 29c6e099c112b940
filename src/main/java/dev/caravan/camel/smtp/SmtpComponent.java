package dev.caravan.camel.smtp;

import dev.caravan.camel.spool.QueueRuns;
import dev.caravan.mail.Domain;
import dev.caravan.mail.SmtpReply;
import dev.caravan.netty.Encryption;
import dev.caravan.netty.EventLoops;
import dev.caravan.netty.Gatehouse;
import dev.caravan.netty.ServerOptions;
import dev.caravan.netty.SmtpServer;
import dev.caravan.smtp.Authentication;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Endpoint;
import org.apache.camel.component.netty.NettyComponent;
import org.apache.camel.component.netty.NettyEndpoint;
import org.apache.camel.support.DefaultComponent;

/** Makes listeners; all of them share one server with its limits. */
public final class SmtpComponent extends DefaultComponent {
  private final String hostname;
  private final SmtpServer server;
  private final CutOffs cutOffs = new CutOffs();
  private final EventLoops loops = new EventLoops();

  /**
   * @param hostname our name in greetings
   * @param queueRuns has waiting mail tried
   * @param shortage whether mail can be taken
   */
  public SmtpComponent(
      String hostname, ServerOptions options, QueueRuns queueRuns, Shortage shortage) {
    this.hostname = hostname;
    this.server =
        new SmtpServer(options, RouteQuestions::new, new Behind(cutOffs, queueRuns, shortage));
  }

  /** The gateway as the server sees it. */
  private record Behind(CutOffs cutOffs, QueueRuns queueRuns, Shortage storage)
      implements Gatehouse {
    @Override
    public void cutOff(String listener, InetSocketAddress peer, SmtpReply reply) {
      cutOffs.tell(listener, peer, reply);
    }

    @Override
    public Optional<SmtpReply> shortage() {
      return storage.reply();
    }

    @Override
    public int startQueue(Domain domain) throws Exception {
      return queueRuns.start(domain);
    }
  }

  public SmtpServer server() {
    return server;
  }

  String hostname() {
    return hostname;
  }

  @Override
  protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
      throws Exception {
    SmtpEndpoint endpoint = new SmtpEndpoint(uri, this, remaining);
    setProperties(endpoint, parameters);
    return endpoint;
  }

  /** The camel-netty endpoint that a listener binds with; Camel tells it by the listener's URI. */
  NettyEndpoint netty(SmtpEndpoint listener) throws Exception {
    NettyComponent netty = getCamelContext().getComponent("netty", NettyComponent.class);
    String host = listener.getHost();
    String address = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    String uri =
        "netty:tcp://"
            + address
            + ":"
            + Math.max(0, listener.getPort())
            + "?sync=true&backlog=1024&reuseAddress=true&tcpNoDelay=true";
    NettyEndpoint made = (NettyEndpoint) netty.createEndpoint(uri);
    loops.serve(made.getConfiguration());
    NettyEndpoint named =
        new NettyEndpoint(listener.getEndpointUri(), netty, made.getConfiguration());
    named.setCamelContext(getCamelContext());
    return named;
  }

  /** Who checks passwords: the bean of this kind, if there is one. */
  Authentication authentication() {
    return bean(Authentication.class).orElse(Authentication.NONE);
  }

  /** Who has the certificates: the bean of this kind, if there is one. */
  Encryption encryption() {
    return bean(Encryption.class).orElse(Encryption.NONE);
  }

  private <T> Optional<T> bean(Class<T> kind) {
    return getCamelContext().getRegistry().findByType(kind).stream().findFirst();
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    cutOffs.start(getCamelContext());
  }

  @Override
  protected void doStop() throws Exception {
    cutOffs.close();
    super.doStop();
  }

  @Override
  protected void doShutdown() throws Exception {
    loops.close();
    super.doShutdown();
  }
}
