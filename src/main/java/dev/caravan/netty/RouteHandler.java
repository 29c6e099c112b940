package dev.caravan.netty;

import io.netty.channel.ChannelHandlerContext;
import java.io.IOException;
import org.apache.camel.component.netty.NettyConsumer;
import org.apache.camel.component.netty.handlers.ServerChannelHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of the pipeline: has each question answered on a virtual thread of its own, and hands
 * back what came.
 */
final class RouteHandler extends ServerChannelHandler {
  private static final Logger LOG = LoggerFactory.getLogger(RouteHandler.class);

  private final Questions questions;

  RouteHandler(NettyConsumer consumer, Questions questions) {
    super(consumer);
    this.questions = questions;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    Asked asked = (Asked) message;
    if (!questions.isAsked(asked.question().phase())) {
      asked.answer(asked.question());
      return;
    }
    try {
      Thread.ofVirtual().name("smtp-in").start(() -> ask(asked));
    } catch (OutOfMemoryError e) {
      asked.answer(e);
    }
  }

  private void ask(Asked asked) {
    try {
      questions.ask(asked.question(), asked::answer);
    } catch (Throwable e) {
      asked.answer(e);
    }
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
