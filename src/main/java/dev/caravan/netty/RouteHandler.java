package dev.caravan.netty;

import io.netty.channel.ChannelHandlerContext;
import java.io.IOException;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.component.netty.NettyConsumer;
import org.apache.camel.component.netty.handlers.ServerChannelHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of the pipeline: runs the consumer's route for each question, on a virtual thread of its
 * own, and hands back what it gave. Camel's own way of answering is not used: it closes the channel
 * on an empty body, logs a warning when the client has gone, and may not answer at all.
 */
final class RouteHandler extends ServerChannelHandler {
  private static final Logger LOG = LoggerFactory.getLogger(RouteHandler.class);

  private final NettyConsumer consumer;

  RouteHandler(NettyConsumer consumer) {
    super(consumer);
    this.consumer = consumer;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    Asked asked = (Asked) message;
    try {
      Thread.ofVirtual().name("smtp-in").start(() -> ask(asked));
    } catch (OutOfMemoryError e) {
      asked.answer(e);
    }
  }

  private void ask(Asked asked) {
    try {
      Exchange exchange = consumer.createExchange(false);
      exchange.setPattern(ExchangePattern.InOut);
      exchange.getIn().setBody(asked.question());
      consumer.createUoW(exchange);
      consumer.getAsyncProcessor().process(exchange, doneSync -> end(exchange, asked));
    } catch (Throwable e) {
      asked.answer(e);
    }
  }

  private void end(Exchange exchange, Asked asked) {
    Exception failure = exchange.getException();
    asked.answer(failure != null ? failure : exchange.getMessage().getBody());
    consumer.doneUoW(exchange);
    consumer.releaseExchange(exchange, false);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("{}: connection lost: {}", ctx.channel().remoteAddress(), cause.toString());
    } else {
      LOG.error("{}: closed after an error of ours", ctx.channel().remoteAddress(), cause);
    }
    ctx.close();
  }
}
