#pragma once
// What a rank tells the others about itself, through the store: every half second that it is alive and what it did last.
// Read only when a collective has failed, to know who is to blame.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "distributed/store.h"

namespace awp {

enum class Condition {
  kWell,
  // It left the group, as it should in the end.
  kLeft,
  // It failed by itself: the message says why.
  kFailed,
  // A collective failed for it, and it has found out why.
  kTold,
};

struct Beat {
  // Of this rank's beats.
  int64_t count = 0;
  // Milliseconds since 1970, by the rank's own clock.
  double time = 0;
  // The last collective that it came to, 0 for none.
  int64_t number = 0;
  std::string collective;
  Condition condition = Condition::kWell;
  std::string message;
};

std::optional<Beat> beat_of(Store& store, int rank);

// Why a collective failed: one for all ranks, the first that was found.
struct Verdict {
  std::string message;
  std::vector<int> missing;
};

std::optional<Verdict> verdict_in(Store& store);
// Gives this one where there is none; the one that stands.
Verdict agree_on(Store& store, const Verdict& verdict);

class Heartbeat {
 public:
  // The connection is the heartbeat's own.
  Heartbeat(Store store, int rank);
  ~Heartbeat() { end(); }
  // No beat more; returns when none is being written, after a moment at most.
  void end();

  void came_to(int64_t number, const std::string& collective);
  // Returns when it is written, after a second at most.
  void tell(Condition condition, const std::string& message = "");
  // What the others found while this rank was busy elsewhere.
  std::optional<Verdict> verdict() const;

 private:
  struct State;
  static void beat(const std::shared_ptr<State>& state);
  std::shared_ptr<State> state_;
};

}  // namespace awp
