package dev.caravan.camel.smtp;

import dev.caravan.mail.Durations;
import dev.caravan.mail.Networks;
import dev.caravan.netty.ListenerOptions;
import dev.caravan.smtp.Listening;
import java.util.List;
import java.util.Locale;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;

/** {@code smtp-server:NAME}: one listener. */
@UriEndpoint(
    firstVersion = "0.1.0",
    scheme = "smtp-server",
    title = "SMTP server",
    syntax = "smtp-server:name",
    consumerOnly = true,
    category = {Category.MAIL})
public final class SmtpEndpoint extends DefaultEndpoint {
  private static final List<String> PROFILES = List.of("modern", "strict", "legacy");

  private final SmtpComponent component;

  @UriPath(description = "The listener's name, in events and for rules")
  @Metadata(required = true)
  private final String name;

  @UriParam(defaultValue = "127.0.0.1", description = "The address to listen on")
  private String host = "127.0.0.1";

  @UriParam(description = "0 is any free port, -1 is off")
  private int port;

  @UriParam(defaultValue = "optional", enums = "none,optional,required,implicit")
  private String tls = "optional";

  @UriParam(defaultValue = "modern", enums = "modern,strict,legacy")
  private String tlsProfile = "modern";

  @UriParam(defaultValue = "none", enums = "none,optional,required")
  private String auth = "none";

  @UriParam(description = "Whether a password may come without TLS")
  private boolean clearTextPasswords;

  @UriParam(description = "Networks that may relay without logging in")
  private String networks = "";

  @UriParam(description = "Networks that must begin with the PROXY protocol")
  private String proxy = "";

  @UriParam(description = "Networks that may use XCLIENT")
  private String xclient = "";

  @UriParam(defaultValue = "1000000", description = "Connections of this listener")
  private int maxConnections = 1_000_000;

  @UriParam(defaultValue = "7d", description = "How long a client may have a mail held")
  private String holdMax = "7d";

  SmtpEndpoint(String uri, SmtpComponent component, String name) {
    super(uri, component);
    this.component = component;
    this.name = name;
  }

  @Override
  public Producer createProducer() {
    throw new UnsupportedOperationException("smtp-server is only for <from>");
  }

  @Override
  public Consumer createConsumer(Processor processor) throws Exception {
    SmtpConsumer consumer = new SmtpConsumer(this, component, processor);
    configureConsumer(consumer);
    return consumer;
  }

  /** What was set, checked. */
  ListenerOptions options() {
    Listening listening =
        new Listening(
            name,
            component.hostname(),
            word(Listening.Tls.class, "tls", tls),
            word(Listening.Auth.class, "auth", auth),
            clearTextPasswords,
            Durations.parse(holdMax));
    return new ListenerOptions(
        listening,
        Networks.parse(networks),
        Networks.parse(proxy),
        Networks.parse(xclient),
        profile(),
        maxConnections);
  }

  /** A wrong word must be told when the route starts, and not by the first client. */
  private String profile() {
    String word = tlsProfile.toLowerCase(Locale.ROOT);
    if (!PROFILES.contains(word)) {
      throw new IllegalArgumentException(
          "smtp-server: the option tlsProfile has no value '" + tlsProfile + "'");
    }
    return word;
  }

  private static <E extends Enum<E>> E word(Class<E> kind, String option, String value) {
    try {
      return Enum.valueOf(kind, value.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "smtp-server: the option " + option + " has no value '" + value + "'", e);
    }
  }

  public String getName() {
    return name;
  }

  public String getHost() {
    return host;
  }

  public void setHost(String host) {
    this.host = host;
  }

  public int getPort() {
    return port;
  }

  public void setPort(int port) {
    this.port = port;
  }

  public String getTls() {
    return tls;
  }

  public void setTls(String tls) {
    this.tls = tls;
  }

  public String getTlsProfile() {
    return tlsProfile;
  }

  public void setTlsProfile(String tlsProfile) {
    this.tlsProfile = tlsProfile;
  }

  public String getAuth() {
    return auth;
  }

  public void setAuth(String auth) {
    this.auth = auth;
  }

  public boolean isClearTextPasswords() {
    return clearTextPasswords;
  }

  public void setClearTextPasswords(boolean clearTextPasswords) {
    this.clearTextPasswords = clearTextPasswords;
  }

  public String getNetworks() {
    return networks;
  }

  public void setNetworks(String networks) {
    this.networks = networks;
  }

  public String getProxy() {
    return proxy;
  }

  public void setProxy(String proxy) {
    this.proxy = proxy;
  }

  public String getXclient() {
    return xclient;
  }

  public void setXclient(String xclient) {
    this.xclient = xclient;
  }

  public int getMaxConnections() {
    return maxConnections;
  }

  public void setMaxConnections(int maxConnections) {
    this.maxConnections = maxConnections;
  }

  public String getHoldMax() {
    return holdMax;
  }

  public void setHoldMax(String holdMax) {
    this.holdMax = holdMax;
  }
}
