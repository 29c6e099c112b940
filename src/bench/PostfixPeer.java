import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A Postfix of its own; with OpenDKIM before its queue where mail is to be signed.
 *
 * @param milter OpenDKIM's process
 */
record PostfixPeer(Path conf, int port, long master, List<Process> milter) implements Peer {
  static PostfixPeer start(Path folder, int sinkPort, boolean signed) throws Exception {
    int port = Peer.freePort();
    Path conf = Files.createDirectory(folder.resolve("postfix"));
    Path data = Files.createDirectory(folder.resolve("postfix-data"));
    Files.createDirectory(folder.resolve("postfix-queue"));
    Files.setOwner(
        data,
        data.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postfix"));
    Peer.run("chmod", "755", folder.toString());
    List<Process> milter = new ArrayList<>();
    String milters = "";
    if (signed) {
      int milterPort = Peer.freePort();
      milter.add(openDkim(folder, milterPort));
      milters =
          "smtpd_milters = inet:127.0.0.1:%d%nmilter_default_action = tempfail%n"
              .formatted(milterPort);
    }
    Files.writeString(
        conf.resolve("main.cf"),
        """
        compatibility_level = 3.6
        queue_directory = FOLDER/postfix-queue
        data_directory = FOLDER/postfix-data
        command_directory = /usr/sbin
        daemon_directory = /usr/lib/postfix/sbin
        mail_owner = postfix
        setgid_group = postdrop
        myhostname = relay.example
        mydestination =
        local_recipient_maps =
        alias_maps =
        alias_database =
        mynetworks = 127.0.0.0/8
        smtpd_relay_restrictions = permit_mynetworks, reject
        inet_interfaces = 127.0.0.1
        inet_protocols = ipv4
        relayhost = [SINK]:PORT
        disable_dns_lookups = yes
        smtpd_peername_lookup = no
        default_process_limit = 200
        default_destination_concurrency_limit = DELIVERIES
        initial_destination_concurrency = 20
        qmgr_message_active_limit = 40000
        qmgr_message_recipient_limit = 40000
        smtpd_client_connection_count_limit = 0
        in_flow_delay = 0
        message_size_limit = 52428800
        maillog_file = FOLDER/postfix.log
        maillog_file_prefixes = FOLDER
        """
                .replace("DELIVERIES", Integer.toString(DELIVERIES))
                .replace("FOLDER", folder.toString())
                .replace("SINK", BenchDns.address(1).getHostAddress())
                .replace("PORT", Integer.toString(sinkPort))
            + milters);
    Files.writeString(
        conf.resolve("master.cf"),
        "127.0.0.1:"
            + port
            + " inet n - n - - smtpd\n"
            + """
            pickup unix n - n 60 1 pickup
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            tlsmgr unix - - n 1000? 1 tlsmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            verify unix - - n - 1 verify
            flush unix n - n 1000? 0 flush
            proxymap unix - - n - - proxymap
            smtp unix - - n - - smtp
            relay unix - - n - - smtp
            error unix - - n - - error
            retry unix - - n - - error
            discard unix - - n - - discard
            anvil unix - - n - 1 anvil
            scache unix - - n - 1 scache
            postlog unix-dgram n - n - 1 postlogd
            """);
    Peer.run("postfix", "-c", conf.toString(), "start");
    Peer.await(port);
    long master =
        Long.parseLong(Files.readString(folder.resolve("postfix-queue/pid/master.pid")).strip());
    return new PostfixPeer(conf, port, master, milter);
  }

  private static Process openDkim(Path folder, int port) throws Exception {
    Path key = folder.resolve("opendkim.pem");
    Files.writeString(key, Peer.rsa());
    Peer.run("chmod", "600", key.toString());
    Path conf = folder.resolve("opendkim.conf");
    Files.writeString(
        conf,
        """
        Mode s
        Domain client.example
        Selector bench
        KeyFile KEY
        SignatureAlgorithm rsa-sha256
        Canonicalization relaxed/relaxed
        OversignHeaders From
        Socket inet:PORT@127.0.0.1
        Syslog no
        InternalHosts 127.0.0.1
        RequireSafeKeys no
        Background no
        """
            .replace("KEY", key.toString())
            .replace("PORT", Integer.toString(port)));
    Process process =
        new ProcessBuilder("opendkim", "-f", "-x", conf.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("opendkim.log").toFile())
            .start();
    Peer.await(port);
    return process;
  }

  @Override
  public String name() {
    return milter.isEmpty() ? "Postfix" : "Postfix and OpenDKIM";
  }

  @Override
  public int warmUp(int wanted) {
    return Math.min(wanted, 1_000);
  }

  /** The master knows what its children took that have ended. */
  @Override
  public double cpu() throws IOException {
    double all = Peer.family(master);
    for (Process process : milter) {
      all += Peer.seconds(process.pid(), false);
    }
    return all;
  }

  @Override
  public void close() throws Exception {
    Peer.run("postfix", "-c", conf.toString(), "stop");
    for (Process process : milter) {
      process.destroy();
      process.waitFor(10, TimeUnit.SECONDS);
    }
  }
}
