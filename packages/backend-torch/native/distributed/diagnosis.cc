#include "distributed/diagnosis.h"

#include <c10/util/StringUtil.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <thread>

#include "distributed/within.h"

namespace awp {
namespace {

constexpr auto kLook = Milliseconds(100);
// A process that is killed closes its sockets one by one. A connection that its store still takes is reset then, and a
// thread of c10d, in 1.13 at least, ends the process that has made it.
constexpr auto kSettle = Milliseconds(500);
// Five beats missed: a busy machine may delay one or two.
constexpr auto kGone = Milliseconds(2500);
constexpr auto kLongest = Milliseconds(3500);
// A store that answers at all does so at once.
constexpr auto kAnswer = Milliseconds(3000);

std::string listed(const std::vector<std::string>& parts) {
  std::string text;
  for (size_t i = 0; i < parts.size(); i++) text += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
  return text;
}

// What is known of another rank since the look began.
struct Seen {
  std::optional<Beat> first;
  std::optional<Beat> last;
  bool moved() const { return last && (!first || last->count > first->count); }
};

class Look {
 public:
  explicit Look(const Failure& failure) : failure_(failure), start_(Clock::now()) {}

  // Whether nothing more is to be expected.
  bool done(Store& store) {
    bool all_known = true;
    for (int rank = 0; rank < failure_.size; rank++) {
      if (rank == failure_.rank) continue;
      const auto beat = beat_of(store, rank);
      auto& seen = seen_[rank];
      if (!seen.first) seen.first = beat;
      seen.last = beat;
      if (beat && beat->condition == Condition::kFailed) return true;
      all_known = all_known && (seen.moved() || (beat && beat->condition == Condition::kLeft));
    }
    return (all_known && (verdict() || failure_.number == 0)) || Clock::now() - start_ > (verdict() ? kGone : kLongest);
  }

  // By the worst that is known: one that failed explains one that is gone, and that one those who are late.
  std::optional<Verdict> verdict() const {
    using Test = std::optional<std::string> (Look::*)(int, const Seen&) const;
    for (const Test test : {&Look::failed, &Look::gone, &Look::left, &Look::late}) {
      std::vector<std::string> parts;
      std::vector<int> missing;
      for (const auto& [rank, seen] : seen_) {
        if (const auto found = (this->*test)(rank, seen)) {
          parts.push_back(c10::str("rank ", rank, " ", *found));
          missing.push_back(rank);
        }
      }
      if (!missing.empty()) return Verdict{listed(parts), missing};
    }
    return {};
  }

 private:
  std::optional<std::string> failed(int, const Seen& seen) const {
    if (!seen.last || seen.last->condition != Condition::kFailed) return {};
    return "failed: " + seen.last->message;
  }

  std::optional<std::string> gone(int, const Seen& seen) const {
    if (seen.moved() || (seen.last && seen.last->condition != Condition::kWell)) return {};
    if (Clock::now() - start_ < kGone) return {};
    if (!seen.last) return "is gone";
    const double now = static_cast<double>(
        std::chrono::duration_cast<Milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
    return c10::str("is gone (last heard of ", std::max<int64_t>(1, std::llround((now - seen.last->time) / 1000)),
                    " s ago)");
  }

  std::optional<std::string> left(int, const Seen& seen) const {
    if (!seen.last || seen.last->condition != Condition::kLeft) return {};
    return "has left the group";
  }

  std::optional<std::string> late(int, const Seen& seen) const {
    if (!seen.moved() || seen.last->condition != Condition::kWell) return {};
    if (seen.last->number > failure_.number) return {};
    if (seen.last->number == failure_.number) {
      if (seen.last->collective == failure_.collective) return {};
      return c10::str("called ", seen.last->collective, " instead");
    }
    return c10::str("is alive but has not come to ", failure_.collective, ": ",
                    seen.last->number == 0 ? "it has not come to any" : "its last was " + seen.last->collective);
  }

  const Failure& failure_;
  const Clock::time_point start_;
  std::map<int, Seen> seen_;
};

// Nothing where nobody is to blame.
using Finding = std::optional<Verdict>;

Finding look(Store& store, const Failure& failure) {
  Look look(failure);
  for (;;) {
    if (auto known = verdict_in(store)) return known;
    if (look.done(store)) break;
    std::this_thread::sleep_for(kLook);
  }
  return look.verdict();
}

Verdict nobody(const Failure& failure) {
  const auto own = c10::str("rank ", failure.rank, ": ", failure.reason);
  if (failure.number > 0) {
    return {c10::str("every rank is alive: the network between some of them may be cut (", own, ")"), {}};
  }
  return {c10::str("every rank is alive, and some do not reach one another (", own,
                   "): all TCP ports between their machines must be open, and where a machine has several networks, "
                   "GLOO_SOCKET_IFNAME and NCCL_SOCKET_IFNAME name the one to use"),
          {}};
}

Verdict keeper_does_not_answer(const StorePlace& place, const Failure& failure) {
  if (place.kept_by_launcher) return {c10::str("the launcher's store at ", place.name(), " does not answer"), {}};
  if (failure.rank == 0) return {c10::str("the store at ", place.name(), " does not answer: ", failure.reason), {}};
  return {c10::str("rank 0, which keeps the store at ", place.name(), ", does not answer"), {0}};
}

// What a look at the store finds; who keeps it, where that does not answer.
Finding found_in(const StorePlace& place, const Failure& failure, const std::function<Finding(Store&)>& find) {
  const auto found = within(kSettle + kAnswer + kLongest + kLook, [place, find] {
    std::this_thread::sleep_for(kSettle);
    Store store = Store::connect(place, false, kAnswer);
    return find(store);
  });
  return found ? *found : keeper_does_not_answer(place, failure);
}

}  // namespace

Verdict diagnosis(const StorePlace& place, const Failure& failure) {
  return *found_in(place, failure, [failure](Store& store) -> Finding {
    return agree_on(store, look(store, failure).value_or(nobody(failure)));
  });
}

bool trouble(const StorePlace& place, const Failure& failure) {
  return found_in(place, failure, [failure](Store& store) { return look(store, failure); }).has_value();
}

void wait_until_all_know(const StorePlace& place, const Failure& failure, const Verdict& verdict) {
  within(kLongest, [place, failure, missing = verdict.missing] {
    Store store = Store::connect(place, false, kAnswer);
    // Two beats: a rank that is late hears of it by its heartbeat.
    std::this_thread::sleep_for(Milliseconds(1000));
    const auto knows = [&](int rank) {
      if (rank == failure.rank || std::find(missing.begin(), missing.end(), rank) != missing.end()) return true;
      const auto beat = beat_of(store, rank);
      return !beat || beat->condition != Condition::kWell;
    };
    for (int rank = 0; rank < failure.size;) {
      if (knows(rank)) rank++;
      else std::this_thread::sleep_for(kLook);
    }
    return true;
  });
}

}  // namespace awp
