#pragma once
// The group of processes that this one belongs to: at most one.
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "distributed/diagnosis.h"
#include "distributed/error.h"
#include "distributed/heartbeat.h"
#include "distributed/rendezvous.h"
#include "distributed/transport.h"

namespace awp {

struct Collective {
  // From 1, in the order of the calls, which is the same on all ranks.
  int64_t number;
  // Such as "all-reduce 417 (gradients)".
  std::string name;
};

// What a rank was called with, one entry a tensor: ranks whose calls differ must not exchange a byte.
using Signature = std::vector<std::string>;

struct Connections {
  // For what is in the host's memory.
  std::shared_ptr<Transport> host;
  // Among GPUs, where each rank has one of its own.
  std::shared_ptr<Transport> devices;
};

class Group {
 public:
  // Comes together with the other ranks.
  explicit Group(const World& world);

  int rank() const { return world_.rank; }
  int size() const { return world_.size; }

  // The next collective; throws where the group has failed.
  Collective next(const std::string& kind, const std::string& what);

  // Does its part, over the connections for tensors or those for host values: each thread has its own. Where that
  // fails, the group is closed, so that the others fail too, and the error says who is to blame.
  using Part = std::function<void(const Connections&)>;
  void perform_on_tensors(const Collective& collective, const Part& part) { perform(collective, tensors_, part); }
  void perform_on_host_values(const Collective& collective, const Part& part) { perform(collective, values_, part); }

  // Throws where the ranks' calls differ, by this rank's. For a part that has seen that they do.
  [[noreturn]] void refuse(const Collective& collective, const Signature& own);

  // Closes the group and tells the others, with an error that this rank failed by it.
  void leave(const std::string& error);

  // Writes nothing to the store any more: the process is about to end.
  void fall_silent() { heartbeat_.end(); }

 private:
  void connect();
  Verdict agreed(const Failure& failure);
  void perform(const Collective& collective, const Connections& connections, const Part& part);
  CollectiveError failed(const Collective& collective, Clock::time_point start, const std::string& reason);
  CollectiveError error(const Collective& collective, double seconds, const Verdict& verdict) const;
  void close();

  const World world_;
  const Meeting meeting_;
  Heartbeat heartbeat_;

  std::mutex mutex_;
  Connections tensors_;
  Connections values_;
  int64_t number_ = 0;
  std::optional<Verdict> verdict_;
};

// This process's group; throws where it has none.
std::shared_ptr<Group> current_group();
bool has_group();
void set_current_group(std::shared_ptr<Group> group);

}  // namespace awp
