package dev.caravan.proof;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Numbers of eight octets in a file that a library in the gateway has mapped. */
record Numbers(Path file) {
  /** In place, for it is mapped. */
  void put(int index, long value) throws IOException {
    try (FileChannel channel = open()) {
      channel.write(octets().putLong(0, value), (long) index * Long.BYTES);
    }
  }

  long get(int index) throws IOException {
    ByteBuffer octets = octets();
    try (FileChannel channel = open()) {
      channel.read(octets, (long) index * Long.BYTES);
    }
    return octets.getLong(0);
  }

  private FileChannel open() throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private static ByteBuffer octets() {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
  }
}
