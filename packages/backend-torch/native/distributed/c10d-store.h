#pragma once
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "distributed/store.h"

namespace awp {

struct Store::Impl {
  c10::intrusive_ptr<c10d::Store> store;
};

}  // namespace awp
