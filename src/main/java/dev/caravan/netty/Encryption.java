package dev.caravan.netty;

import dev.caravan.mail.TlsFacts;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;

/** Makes connections secure. Safe for use by many threads; nothing here blocks. */
public interface Encryption {
  /** Whether there is a certificate. */
  boolean isAvailable();

  /**
   * A handler for one connection of a client.
   *
   * @param profile which protocols and ciphers it takes
   */
  SslHandler handler(ByteBufAllocator alloc, String profile);

  /** What came of its handshake. */
  TlsFacts facts(SslHandler handler);

  /** No certificate, no encryption. */
  Encryption NONE =
      new Encryption() {
        @Override
        public boolean isAvailable() {
          return false;
        }

        @Override
        public SslHandler handler(ByteBufAllocator alloc, String profile) {
          throw new IllegalStateException("there is no certificate");
        }

        @Override
        public TlsFacts facts(SslHandler handler) {
          throw new IllegalStateException("there is no certificate");
        }
      };
}
