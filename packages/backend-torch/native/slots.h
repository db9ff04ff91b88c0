#pragma once
// Tensors by number. No two slots share storage: an in-place write to one changes no other.
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

  // Writes a tensor's values into another of as many elements.
  void assign(int32_t index, const at::Tensor& values) {
    auto& tensor = at(index);
    tensor.copy_(values.reshape(tensor.sizes()));
  }

 protected:
  std::vector<at::Tensor> slots_;
};

}  // namespace awp
