#pragma once
// How the ranks of a group come together: each tells who it is, and goes on when all are there.
#include "distributed/store.h"

namespace awp {

struct World {
  StorePlace store;
  int rank;
  int size;
  // In each collective.
  Milliseconds timeout;
  // Until all ranks have come.
  Milliseconds join_timeout;
  // What jobs are told apart by, where more than one might use the store; may be empty.
  std::string job;
};

struct Meeting {
  // Where this group keeps its keys.
  StorePlace place;
  Store store;
  // The address of this machine that the others reach.
  std::string local;
};

// Throws who is missing, or in what two ranks differ.
Meeting meet(const World& world);

}  // namespace awp
