package dev.caravan.camel.spool;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;

/** The transaction of a session that one worker has for itself. */
final class OwnTransaction implements SpoolTransaction {
  private final ClientSession session;
  private final ClientProducer producer;

  /** Mails that are done since the last commit. */
  private int mails;

  private boolean begun;
  private boolean broken;

  OwnTransaction(ClientSession session) throws ActiveMQException {
    this.session = session;
    this.producer = session.createProducer();
  }

  @Override
  public void send(SpoolSender.Parcel parcel) throws ActiveMQException {
    begun = true;
    parcel.send(session, producer);
  }

  /** A mail was acknowledged. */
  void begun() {
    begun = true;
  }

  /** It must not commit. */
  void broken() {
    broken = true;
  }

  boolean isBroken() {
    return broken;
  }

  /** Whether there is something to commit. */
  boolean isOpen() {
    return begun;
  }

  /** A mail is done; commits when so many are. */
  void done(int batch) throws ActiveMQException {
    if (++mails >= batch) {
      commit();
    }
  }

  /** Does nothing when there is nothing to commit. */
  void commit() throws ActiveMQException {
    if (begun) {
      session.commit();
      end();
    }
  }

  void rollback() throws ActiveMQException {
    session.rollback();
    end();
  }

  private void end() {
    mails = 0;
    begun = false;
    broken = false;
  }
}
