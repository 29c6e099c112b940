package dev.caravan.delivery;

import dev.caravan.delivery.tls.Choice;
import dev.caravan.delivery.tls.Choice.Need;
import dev.caravan.delivery.tls.TlsObserver;
import dev.caravan.delivery.tls.TlsPolicies;
import dev.caravan.mail.SmtpReply;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The servers of a domain that its TLS policy lets us connect to, and how.
 *
 * @param hops in the order of the servers
 * @param reason why there is none, or not every one; temporary
 * @param observer hears how connections to them begin
 */
record Protected(List<Hop> hops, SmtpReply reason, TlsObserver observer) {

  /** Asks the policy about each of them. */
  static Protected of(List<MxRoute.Server> servers, int port, TlsPolicies.Plan plan) {
    Map<String, Choice> choices = new HashMap<>();
    List<Hop> hops = new ArrayList<>();
    SmtpReply reason = Troubles.reply("4.4.1", "no server to try");
    for (MxRoute.Server server : servers) {
      switch (choices.computeIfAbsent(server.host(), plan::choose)) {
        case Choice.Go go ->
            hops.add(
                new Hop(
                    server.host(),
                    server.address(),
                    port,
                    mode(go.need()),
                    Optional.empty(),
                    Source.ANY,
                    go.expected()));
        case Choice.Not not ->
            reason = Troubles.reply("4.7.5", server.host() + ": " + not.trouble().reason());
      }
    }
    return new Protected(hops, reason, plan.observer());
  }

  /** Equal where the same servers are to be encrypted in the same way. */
  Object kind() {
    Map<String, Object> kind = new HashMap<>();
    hops.forEach(hop -> kind.put(hop.host(), List.of(hop.tls(), hop.expected())));
    return kind;
  }

  private static TlsMode mode(Need need) {
    return switch (need) {
      case NEVER -> TlsMode.NONE;
      case IF_OFFERED -> TlsMode.OPPORTUNISTIC;
      case ALWAYS -> TlsMode.REQUIRED;
    };
  }
}
