package dev.caravan.delivery;

import dev.caravan.mail.Outcome;
import dev.caravan.mail.SmtpReply;
import dev.caravan.queue.QueuedMail;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server that a rule or the configuration names.
 *
 * @param host name or address; looked up at each attempt as the system does, hosts file included
 */
record NamedServer(String host, int port, TlsMode tls, Optional<Hop.Login> login) {
  private static final Pattern SITE =
      Pattern.compile("([^\\s:\\[\\]]{1,253}|\\[[0-9A-Fa-f:.]{2,45}]):(\\d{1,5})");

  /** The server {@code HOST:PORT}, which gets no password of ours; empty when it is none. */
  static Optional<NamedServer> of(String hostAndPort) {
    Matcher m = SITE.matcher(hostAndPort);
    return m.matches()
        ? Optional.of(
            new NamedServer(
                m.group(1).replaceAll("[\\[\\]]", ""),
                Integer.parseInt(m.group(2)),
                TlsMode.OPPORTUNISTIC,
                Optional.empty()))
        : Optional.empty();
  }

  String site() {
    return host + ":" + port;
  }

  Attempt deliver(QueuedMail mail, HopSender sender) throws InterruptedException {
    List<Hop> hops = new ArrayList<>();
    try {
      for (InetAddress address : InetAddress.getAllByName(host)) {
        hops.add(new Hop(host, address, port, tls, login));
      }
    } catch (UnknownHostException e) {
      SmtpReply reply = Troubles.reply("4.4.3", "the smarthost " + host + " can't be looked up");
      List<Outcome> outcomes =
          mail.envelope().recipients().stream()
              .<Outcome>map(r -> new Outcome.Deferred(r, reply, false))
              .toList();
      return new Attempt(mail, outcomes, "", "", Duration.ZERO);
    }
    return sender.send(mail, hops);
  }
}
