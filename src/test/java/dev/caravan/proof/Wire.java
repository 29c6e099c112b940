package dev.caravan.proof;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;

/**
 * Carries SMTP connections to another port of this machine, and does them harm at a chosen place.
 */
final class Wire implements AutoCloseable {
  /** Where in the dialogue, as what the client has sent tells. */
  enum Place {
    /** Nothing has been sent. */
    CONNECTED,
    HELLO,
    /** MAIL and RCPT. */
    ENVELOPE,
    /** After DATA. */
    MESSAGE,
    /** The final dot has been carried, its reply will not be. */
    DOT
  }

  /** What happens there. */
  enum Deed {
    /** Closed in order. */
    CUT,
    /** RST. */
    RESET,
    /** Nothing is carried any more, until it is healed. */
    SILENCE,
    /** Everything is carried late. */
    DELAY
  }

  private record Harm(Place place, Deed deed) {
    static Harm any() {
      return new Harm(any(PLACES), any(DEEDS));
    }

    private static <T> T any(List<T> list) {
      return list.get(ThreadLocalRandom.current().nextInt(list.size()));
    }
  }

  /** Others are spared, so that a server is not given up. */
  private static final int HARMED_OF_TEN = 4;

  private static final List<Place> PLACES = List.of(Place.values());
  private static final List<Deed> DEEDS = List.of(Deed.values());
  private static final int DELAY_MAX_MS = 150;

  /** A harm within a message comes after so many octets of it at most. */
  private static final int MESSAGE_OCTETS_MAX = 5_000;

  private final ServerSocket server = new ServerSocket(0, 1000, InetAddress.ofLiteral("127.0.0.1"));
  private final IntSupplier to;
  private final Set<Carrier> carriers = ConcurrentHashMap.newKeySet();
  private final Map<Deed, Integer> deeds = new ConcurrentSkipListMap<>();
  private final Map<Place, Integer> places = new ConcurrentSkipListMap<>();
  private final AtomicInteger swallowed = new AtomicInteger();
  private volatile boolean harmful;

  Wire(IntSupplier to) throws IOException {
    this.to = to;
    Thread.startVirtualThread(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** Four of ten connections, also of those that are open, are harmed at a place drawn by lot. */
  void harm() {
    harmful = true;
    carriers.forEach(Carrier::draw);
  }

  /** Carries as it should; what was silent is closed. */
  void heal() {
    harmful = false;
    carriers.forEach(Carrier::close);
  }

  /** How often it did what, and where. */
  String told() {
    return told(deeds) + " (" + told(places) + ")";
  }

  /** Final replies of 250 that were not carried: each of these mails will come again. */
  int swallowed() {
    return swallowed.get();
  }

  private static String told(Map<? extends Enum<?>, Integer> counts) {
    return counts.entrySet().stream()
        .map(e -> e.getValue() + " " + e.getKey().name().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket near = server.accept();
        try {
          Carrier carrier =
              new Carrier(near, new Socket(InetAddress.ofLiteral("127.0.0.1"), to.getAsInt()));
          carriers.add(carrier);
          carrier.draw();
          Thread.startVirtualThread(carrier::up);
          Thread.startVirtualThread(carrier::down);
        } catch (IOException e) {
          near.close();
        }
      } catch (IOException e) {
        // closed
      }
    }
  }

  private final class Carrier {
    private final Socket near;
    private final Socket far;
    private volatile Place place = Place.CONNECTED;
    private volatile boolean drawn;
    private volatile Harm harm = Harm.any();
    private volatile boolean done;
    private volatile boolean silent;
    private volatile boolean answered;
    private StringBuilder line = new StringBuilder();
    private int octetsLeft = ThreadLocalRandom.current().nextInt(MESSAGE_OCTETS_MAX);

    Carrier(Socket near, Socket far) throws IOException {
      this.near = near;
      this.far = far;
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
    }

    void draw() {
      drawn = harmful && ThreadLocalRandom.current().nextInt(10) < HARMED_OF_TEN;
    }

    void close() {
      drawn = false;
      if (silent) {
        shut();
      }
    }

    private void shut() {
      try (near;
          far) {
        carriers.remove(this);
      } catch (IOException e) {
        // it is gone
      }
    }

    /** What the client says. */
    private void up() {
      try (near;
          far) {
        InputStream in = near.getInputStream();
        OutputStream out = far.getOutputStream();
        byte[] buffer = new byte[8192];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          int from = 0;
          for (int i = 0; i < n; i++) {
            if (!follow(buffer[i])) {
              continue;
            }
            // Up to this octet it is carried.
            if (place != Place.DOT && isHere(place)) {
              carry(out, buffer, from, i + 1);
              from = i + 1;
              harmed();
            }
          }
          carry(out, buffer, from, n);
        }
        if (place == Place.DOT && !answered) {
          swallowed.incrementAndGet(); // it came so late that nobody waits for it
        }
      } catch (IOException e) {
        // cut, or closed
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        shut();
      }
    }

    /** What the server says. */
    private void down() {
      try (near;
          far) {
        InputStream in = far.getInputStream();
        OutputStream out = near.getOutputStream();
        byte[] buffer = new byte[8192];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          if (isHere(Place.CONNECTED) && place == Place.CONNECTED) {
            harmed();
          }
          if (isHere(Place.DOT) && place == Place.DOT) {
            if (harm.deed != Deed.DELAY && buffer[0] == '2') {
              swallowed.incrementAndGet();
              answered = true;
            }
            harmed();
          }
          carry(out, buffer, 0, n);
          answered = place == Place.DOT;
        }
      } catch (IOException e) {
        // cut, or closed
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        shut();
      }
    }

    private boolean isHere(Place wanted) {
      return drawn && !done && harm.place == wanted;
    }

    private void carry(OutputStream out, byte[] octets, int from, int to)
        throws IOException, InterruptedException {
      if (silent) {
        return;
      }
      if (drawn && done && harm.deed == Deed.DELAY) {
        Thread.sleep(ThreadLocalRandom.current().nextInt(DELAY_MAX_MS));
      }
      out.write(octets, from, to - from);
    }

    private void harmed() throws IOException {
      done = true;
      deeds.merge(harm.deed, 1, Integer::sum);
      places.merge(harm.place, 1, Integer::sum);
      switch (harm.deed) {
        case CUT -> throw new IOException("cut");
        case RESET -> {
          near.setSoLinger(true, 0);
          far.setSoLinger(true, 0);
          throw new IOException("reset");
        }
        case SILENCE -> silent = true;
        case DELAY -> {}
      }
    }

    /**
     * Whether behind this octet of the client's another place begins, or it is within a message.
     */
    private boolean follow(byte octet) {
      boolean within = place == Place.MESSAGE && octetsLeft-- == 0;
      if (octet != '\n') {
        if (line.length() < 10) {
          line.append((char) octet);
        }
        return within;
      }
      String said = line.toString().stripTrailing().toUpperCase(Locale.ROOT);
      line = new StringBuilder();
      Place before = place;
      if (place == Place.MESSAGE) {
        if (said.equals(".")) {
          answered = false;
          place = Place.DOT;
        }
      } else if (said.startsWith("EHLO")) {
        place = Place.HELLO;
      } else if (said.startsWith("MAIL")) {
        place = Place.ENVELOPE;
      } else if (said.equals("DATA")) {
        place = Place.MESSAGE;
      }
      return within || (place != before && place != Place.MESSAGE);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    carriers.forEach(Carrier::shut);
  }
}
