#pragma once
// Tensors by number. Nothing writes into a tensor that stands in a slot, so that slots may share storage; the one
// exception, a variable that a CUDA graph writes in place, stands in its variable's slot alone.
#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace awp {

class Slots {
 public:
  explicit Slots(size_t count = 0) : slots_(count) {}

  bool has(int32_t index) const {
    return index >= 0 && static_cast<size_t>(index) < slots_.size() && slots_[index].defined();
  }

  at::Tensor& at(int32_t index) {
    TORCH_CHECK(has(index), "no tensor has the handle ", index, ": it may have been disposed");
    return slots_[index];
  }

  // Fills a slot, whether it is empty or not.
  void set(int32_t index, at::Tensor tensor) {
    TORCH_CHECK(index >= 0 && static_cast<size_t>(index) < slots_.size(), "there is no slot ", index);
    slots_[index] = std::move(tensor);
  }

  void clear(int32_t index) { at(index).reset(); }

 protected:
  std::vector<at::Tensor> slots_;
};

}  // namespace awp
