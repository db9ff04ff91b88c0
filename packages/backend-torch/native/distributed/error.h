#pragma once
// A collective that failed, in words for the user of one rank.
#include <stdexcept>
#include <string>
#include <vector>

namespace awp {

struct CollectiveError : std::runtime_error {
  CollectiveError(const std::string& message, int rank, std::string collective, double seconds, std::vector<int> missing)
      : std::runtime_error(message),
        rank(rank),
        collective(std::move(collective)),
        seconds(seconds),
        missing(std::move(missing)) {}

  // The rank that says so.
  int rank;
  // Such as "all-reduce 417 (gradients)".
  std::string collective;
  // How long it lasted.
  double seconds;
  // The ranks to blame.
  std::vector<int> missing;
};

}  // namespace awp
