#pragma once
// Tensors by number. Nothing writes into a tensor that stands in a slot, so that slots may share storage; the one
// exception, a variable that a CUDA graph writes in place, stands in its variable's slot alone.
#include <ATen/ATen.h>

#include <cstdint>
#include <unordered_map>
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
    converted_.erase(index);
  }

  void clear(int32_t index) {
    at(index).reset();
    converted_.erase(index);
  }

  // The tensor in another type, made once for as long as it stands in the slot.
  const at::Tensor& converted(int32_t index, at::ScalarType type) {
    const at::Tensor& tensor = at(index);
    if (tensor.scalar_type() == type) return tensor;
    at::Tensor& copy = converted_[index];
    if (!copy.defined() || copy.scalar_type() != type) copy = tensor.to(type);
    return copy;
  }

 protected:
  std::vector<at::Tensor> slots_;
  std::unordered_map<int32_t, at::Tensor> converted_;
};

}  // namespace awp
