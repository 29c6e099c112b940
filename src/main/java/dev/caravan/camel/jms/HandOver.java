package dev.caravan.camel.jms;

import dev.caravan.camel.spool.SpoolComponent;
import dev.caravan.mail.Mail;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.jms.client.ActiveMQSession;
import org.apache.activemq.artemis.jms.client.JMSExceptionHelper;
import org.apache.camel.Exchange;
import org.messaginghub.pooled.jms.JmsPoolSession;

/** Puts a mail into its queue with the JMS session that has received it. */
final class HandOver {
  private HandOver() {}

  /**
   * One message for each site; one that is not to be sent before a time waits on its step.
   *
   * @throws IllegalStateException when the session is not one of the gateway's own broker
   */
  static void put(Exchange exchange, Session session, Mail mail, String queue) throws JMSException {
    try {
      spool(exchange).put(mail, queue, core(session).getCoreSession());
    } catch (ActiveMQException e) {
      throw JMSExceptionHelper.convertFromActiveMQException(e);
    }
  }

  static SpoolComponent spool(Exchange exchange) {
    return exchange.getContext().getComponent("spool", SpoolComponent.class);
  }

  static ActiveMQSession core(Session session) throws JMSException {
    Session inner =
        session instanceof JmsPoolSession pooled ? pooled.getInternalSession() : session;
    if (inner instanceof ActiveMQSession artemis) {
      return artemis;
    }
    throw new IllegalStateException(
        "mail is handed over within the gateway's own broker; see brokers.md for mail from"
            + " another");
  }
}
