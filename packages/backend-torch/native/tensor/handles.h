#pragma once
// The table that JavaScript's int32 handles point into. A slot is freed at once when its data is disposed.
#include <unordered_set>

#include "tensor/slots.h"

namespace awp {

class Handles : public Slots {
 public:
  int32_t add(at::Tensor tensor) {
    if (free_.empty()) {
      slots_.push_back(std::move(tensor));
      return static_cast<int32_t>(slots_.size() - 1);
    }
    const int32_t handle = free_.back();
    free_.pop_back();
    slots_[handle] = std::move(tensor);
    return handle;
  }

  void release(int32_t handle) {
    clear(handle);
    free_.push_back(handle);
  }

  // Gives whoever has this tensor a copy instead, one for all.
  void part_from(const at::Tensor& tensor) {
    at::Tensor copy;
    for (auto& slot : slots_) {
      if (!slot.is_same(tensor)) continue;
      if (!copy.defined()) copy = tensor.clone();
      slot = copy;
    }
  }

  size_t count() const { return slots_.size() - free_.size(); }

  // Bytes of storage, each counted once however many tensors share it.
  double bytes() const {
    std::unordered_set<const void*> seen;
    double sum = 0;
    for (const auto& tensor : slots_) {
      if (!tensor.defined() || !seen.insert(tensor.storage().unsafeGetStorageImpl()).second) continue;
      sum += static_cast<double>(tensor.storage().nbytes());
    }
    for (const auto& [_, copy] : converted_) sum += static_cast<double>(copy.storage().nbytes());
    return sum;
  }

 private:
  std::vector<int32_t> free_;
};

}  // namespace awp
