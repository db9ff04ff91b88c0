#pragma once
// Collectives on bytes, in the background: in the order of the calls, on a thread and connections of their own.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "distributed/group.h"

namespace awp {

using Bytes = std::vector<uint8_t>;

struct Gathered {
  // By rank.
  std::vector<Bytes> values;
  std::optional<CollectiveError> error;
};

// Everyone's bytes; `done` is called on the thread in the background.
void gather(const std::shared_ptr<Group>& group, const std::string& kind, const std::string& what, Bytes own,
            std::function<void(Gathered)> done);

}  // namespace awp
