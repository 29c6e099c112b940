package dev.caravan.dns;

import java.util.List;

/**
 * What the DNS said.
 *
 * @param <T> the kind of record
 */
public sealed interface Answer<T> {
  /** At least one record. */
  record Found<T>(List<T> records) implements Answer<T> {
    public Found {
      records = List.copyOf(records);
      if (records.isEmpty()) {
        throw new IllegalArgumentException("an answer that found something has records");
      }
    }
  }

  /** The name exists, but has no record of this type. */
  record NoData<T>() implements Answer<T> {}

  /** The name does not exist. */
  record NoSuchName<T>() implements Answer<T> {}

  /** Nobody knows for now: time-out, SERVFAIL, REFUSED, nonsense. */
  record Failed<T>(String reason) implements Answer<T> {}

  /** The records; empty unless some were found. */
  default List<T> recordsOrEmpty() {
    return this instanceof Found<T> found ? found.records() : List.of();
  }
}
