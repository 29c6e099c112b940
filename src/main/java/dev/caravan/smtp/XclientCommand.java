package dev.caravan.smtp;

import dev.caravan.mail.Origin;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** XCLIENT: a trusted proxy tells who its own client is, as Postfix describes it. */
final class XclientCommand {
  static final List<String> ATTRIBUTES =
      List.of("NAME", "ADDR", "PORT", "PROTO", "HELO", "LOGIN", "DESTADDR", "DESTPORT");

  private static final Pattern ATTRIBUTE = Pattern.compile("([A-Za-z]{1,20})=(\\S{1,500})");
  private static final int TEXT_MAX = 255;

  private XclientCommand() {}

  /**
   * The client as the proxy tells. It is another one: what the proxy said for itself, its login
   * included, counts no more.
   *
   * @param mayRelay whether a client at an address may relay
   * @throws Refusal when it is malformed
   */
  static Origin apply(String argument, Origin proxy, Predicate<InetAddress> mayRelay)
      throws Refusal {
    InetSocketAddress peer = proxy.peer().orElseThrow(() -> new Refusal(Replies.XCLIENT_DENIED));
    InetAddress address = peer.getAddress();
    int port = peer.getPort();
    boolean known = proxy.trusted();
    String helo = "";
    boolean extended = false;
    Optional<String> name = Optional.empty();
    Optional<String> login = Optional.empty();
    check(!argument.isEmpty());
    for (String one : argument.split(" +")) {
      Matcher m = ATTRIBUTE.matcher(one);
      check(m.matches());
      Optional<String> value = value(m.group(2));
      switch (m.group(1).toUpperCase(Locale.ROOT)) {
        case "ADDR" -> {
          // A client that not even the proxy knows is nobody we trust.
          known = value.isPresent();
          address = value.isPresent() ? address(value.get()) : address;
        }
        case "PORT" -> port = value.isPresent() ? port(value.get()) : 0;
        case "NAME" -> name = value;
        case "LOGIN" -> login = value;
        case "HELO" -> helo = value.orElse("");
        case "PROTO" -> extended = value.filter("ESMTP"::equalsIgnoreCase).isPresent();
        case "DESTADDR", "DESTPORT" -> {
          // Of no use to us.
        }
        default -> throw new Refusal(Replies.SYNTAX_ERROR);
      }
    }
    Origin origin =
        proxy
            .withPeer(new InetSocketAddress(address, port), known && mayRelay.test(address))
            .withHelo(helo, extended)
            .withReverseName(name);
    return login.isPresent() ? origin.withUser(login.get()) : origin;
  }

  private static Optional<String> value(String xtext) throws Refusal {
    if (xtext.equalsIgnoreCase("[UNAVAILABLE]") || xtext.equalsIgnoreCase("[TEMPUNAVAIL]")) {
      return Optional.empty();
    }
    String text = Xtext.decode(xtext).orElseThrow(() -> new Refusal(Replies.SYNTAX_ERROR));
    check(!text.isEmpty() && text.length() <= TEXT_MAX);
    check(text.chars().noneMatch(Character::isISOControl));
    return Optional.of(text);
  }

  private static InetAddress address(String text) throws Refusal {
    String bare = text.regionMatches(true, 0, "IPV6:", 0, 5) ? text.substring(5) : text;
    try {
      return InetAddress.ofLiteral(bare);
    } catch (IllegalArgumentException e) {
      throw new Refusal(Replies.SYNTAX_ERROR);
    }
  }

  private static int port(String text) throws Refusal {
    check(text.matches("\\d{1,5}"));
    int port = Integer.parseInt(text);
    check(port <= 65_535);
    return port;
  }

  private static void check(boolean right) throws Refusal {
    if (!right) {
      throw new Refusal(Replies.SYNTAX_ERROR);
    }
  }
}
