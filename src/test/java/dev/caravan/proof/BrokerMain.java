package dev.caravan.proof;

import java.nio.file.Path;
import org.apache.activemq.artemis.core.config.FileDeploymentManager;
import org.apache.activemq.artemis.core.config.impl.FileConfiguration;
import org.apache.activemq.artemis.core.config.impl.SecurityConfiguration;
import org.apache.activemq.artemis.core.server.ActivateCallback;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl;
import org.apache.activemq.artemis.spi.core.security.ActiveMQJAASSecurityManager;
import org.apache.activemq.artemis.spi.core.security.jaas.InVMLoginModule;

/**
 * A broker of its own, as an operator runs one: {@code BrokerMain broker.xml}. On standard output
 * it says {@code active} when it takes messages, and {@code backed} when another one stands by.
 */
final class BrokerMain {
  private static final long LOOK_MILLIS = 100;

  private BrokerMain() {}

  public static void main(String[] args) throws Exception {
    FileConfiguration configuration = new FileConfiguration();
    FileDeploymentManager file = new FileDeploymentManager(Path.of(args[0]).toUri().toString());
    file.addDeployable(configuration);
    file.readConfiguration();
    SecurityConfiguration users = new SecurityConfiguration();
    users.addUser(Brokers.USER, Brokers.PASSWORD);
    users.addRole(Brokers.USER, "caravan");
    ActiveMQServer server =
        new ActiveMQServerImpl(
            configuration, new ActiveMQJAASSecurityManager(InVMLoginModule.class.getName(), users));
    server.registerActivateCallback(
        new ActivateCallback() {
          @Override
          public void activationComplete() {
            System.out.println("active");
          }
        });
    server.start();
    boolean backed = false;
    while (true) {
      Thread.sleep(LOOK_MILLIS);
      if (hasStandby(server) != backed) {
        backed = !backed;
        System.out.println(backed ? "backed" : "alone");
      }
    }
  }

  private static boolean hasStandby(ActiveMQServer server) {
    if (!server.isActive() || server.getClusterManager() == null) {
      return false;
    }
    return server.getClusterManager().getClusterConnections().stream()
        .map(pair -> pair.getTopology().getMember(server.getNodeID().toString()))
        .anyMatch(us -> us != null && us.getBackup() != null && server.isActive());
  }
}
