package dev.caravan.delivery;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * One smarthost, or several that stand in for each other.
 *
 * @param site as mails in the queue have it
 * @param members at least one
 */
record Group(String site, List<Member> members) {
  Group {
    members = List.copyOf(members);
  }

  /**
   * The order to try them for one mail: those that step back last, then by priority; within a
   * priority those that have a place first, and among these by chance according to their weights.
   */
  List<Member> order(RandomGenerator random) {
    if (members.size() == 1) {
      return members;
    }
    record Seat(Member member, boolean back, boolean full, double lot) {}
    List<Seat> seats = new ArrayList<>(members.size());
    for (Member m : members) {
      // The smallest of such lots is that of m with the probability of its share of all weights.
      double lot = -Math.log(1 - random.nextDouble()) / m.relay().weight();
      seats.add(new Seat(m, m.stepsBack(), m.isFull(), lot));
    }
    seats.sort(
        Comparator.comparing(Seat::back)
            .thenComparing(seat -> seat.member().relay().priority())
            .thenComparing(Seat::full)
            .thenComparing(Seat::lot));
    return seats.stream().map(Seat::member).toList();
  }

  /** Deliveries at the same time of those that are tried first; 0 = nobody has said. */
  int concurrency() {
    int first = members.stream().mapToInt(m -> m.relay().priority()).min().orElse(0);
    List<Integer> each =
        members.stream()
            .filter(m -> m.relay().priority() == first)
            .map(m -> m.relay().concurrency())
            .toList();
    return each.contains(0) ? 0 : each.stream().mapToInt(Integer::intValue).sum();
  }
}
