package dev.caravan.proof;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code kill -9}, and all that was written and not synced since is taken back, as by a power cut.
 * A library that is preloaded remembers it ({@code proof/unsynced.c}). What was done to folders
 * (files made, renamed, removed) stays done.
 *
 * <p>As a test of the harness the disk lies: it says that it has synced, and has not.
 */
final class LostWrites implements Injury {
  private static final int HEAD = 24;

  private final boolean lies;
  private final int times;
  private @Nullable Path undo;

  LostWrites(boolean lies, int times) {
    this.lies = lies;
    this.times = times;
  }

  @Override
  public String name() {
    return lies ? "(control) disk that lies" : "power cut: unsynced writes lost";
  }

  @Override
  public boolean losesMail() {
    return lies;
  }

  @Override
  public Optional<String> missing() {
    return Command.missing("cc");
  }

  @Override
  public void prepare(Ward ward) throws Exception {
    ward.preload("unsynced.c");
    undo = Files.createDirectories(ward.folder().resolve("undo"));
    ward.variable("UNSYNCED_DIR", ward.data().toString());
    ward.variable("UNSYNCED_UNDO", undo.toString());
  }

  @Override
  public Done run(Ward ward) throws Exception {
    if (lies) {
      // Begins to lie when the broker's first files are there.
      ward.terminate();
      forget();
      ward.variable("UNSYNCED_LIES", "1");
      ward.start();
      ward.served(System.nanoTime());
    }
    List<Double> back = new ArrayList<>();
    int inFlight = 0;
    Taken taken = new Taken(0, 0);
    for (int i = 0; i < times; i++) {
      Pause.millis(0, 1500);
      inFlight += ward.sink().inFlight(ward.kill());
      taken = taken.and(takeBack(ward.data()));
      long healed = System.nanoTime();
      ward.start();
      back.add(ward.served(healed));
    }
    if (taken.writes() == 0) {
      throw new AssertionError("there was nothing to take back");
    }
    String what =
        "%d cuts, %d writes (%d KB) taken back"
            .formatted(times, taken.writes(), taken.octets() / 1024);
    return new Done(what, lies ? Integer.MAX_VALUE : inFlight, back);
  }

  /** What was not synced before stays on the disk. */
  private void forget() throws IOException {
    try (Stream<Path> files = Files.list(Optional.ofNullable(undo).orElseThrow())) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  private record Taken(int writes, long octets) {
    Taken and(Taken other) {
      return new Taken(writes + other.writes, octets + other.octets);
    }
  }

  /** A file of the undo folder: its name is inode and generation. */
  private record Undo(Path file) {
    long inode() {
      String name = file.getFileName().toString();
      return Long.parseLong(name.substring(0, name.indexOf('.')));
    }

    long generation() {
      String name = file.getFileName().toString();
      return Long.parseLong(name.substring(name.indexOf('.') + 1));
    }
  }

  private record Write(long at, ByteBuffer before, long size) {}

  private Taken takeBack(Path data) throws IOException {
    Map<Long, Path> byInode = new HashMap<>();
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byInode.put((Long) Files.getAttribute(file, "unix:ino"), file);
      }
    }
    List<Undo> undos;
    try (Stream<Path> files = Files.list(Optional.ofNullable(undo).orElseThrow())) {
      undos =
          files
              .map(Undo::new)
              .sorted(Comparator.comparingLong(Undo::generation).reversed())
              .toList();
    }
    Taken taken = new Taken(0, 0);
    for (Undo each : undos) {
      Path file = byInode.get(each.inode());
      if (file != null) {
        taken = taken.and(takeBack(file, writes(each.file())));
      }
      Files.delete(each.file());
    }
    return taken;
  }

  private static Taken takeBack(Path file, List<Write> writes) throws IOException {
    long octets = 0;
    try (RandomAccessFile target = new RandomAccessFile(file.toFile(), "rw")) {
      for (Write write : writes.reversed()) {
        target.seek(write.at());
        octets += Math.max(write.before().remaining(), target.length() - write.size());
        target.getChannel().write(write.before());
        target.setLength(write.size());
      }
    }
    return new Taken(writes.size(), octets);
  }

  /** The oldest first; one that the kill has cut off never led to a write. */
  private static List<Write> writes(Path file) throws IOException {
    List<Write> writes = new ArrayList<>();
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
    while (all.remaining() >= HEAD) {
      long at = all.getLong();
      long length = all.getLong();
      long size = all.getLong();
      if (all.remaining() < length) {
        break;
      }
      writes.add(new Write(at, all.slice(all.position(), (int) length), size));
      all.position(all.position() + (int) length);
    }
    return writes;
  }
}
