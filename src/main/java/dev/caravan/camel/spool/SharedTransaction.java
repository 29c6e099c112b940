package dev.caravan.camel.spool;

import java.util.ArrayList;
import java.util.List;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;

/** What one worker has done with a mail of a {@link Feed}; the feed commits it with others. */
final class SharedTransaction implements SpoolTransaction {
  private final ClientMessage taken;
  private final List<SpoolSender.Parcel> parcels = new ArrayList<>();

  /**
   * @param taken what leaves its queue with the commit
   */
  SharedTransaction(ClientMessage taken) {
    this.taken = taken;
  }

  @Override
  public void send(SpoolSender.Parcel parcel) {
    parcels.add(parcel);
  }

  /** To be committed with the session, which nobody else uses meanwhile. */
  void enter(ClientSession session, ClientProducer producer) throws ActiveMQException {
    taken.individualAcknowledge();
    for (SpoolSender.Parcel parcel : parcels) {
      parcel.send(session, producer);
    }
  }
}
