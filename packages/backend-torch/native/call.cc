#include "call.h"

namespace awp {

std::vector<NamedKernel>& kernels() {
  static std::vector<NamedKernel> all;
  return all;
}

at::Device& device() {
  static at::Device chosen(at::kCPU);
  return chosen;
}

Call::Call(Handles& handles, const int32_t* words, size_t word_count, const double* numbers, size_t number_count)
    : handles_(handles),
      words_(words),
      words_end_(words + word_count),
      numbers_(numbers),
      numbers_end_(numbers + number_count) {
  const int64_t count = integer();
  for (int64_t i = 0; i < count; i++) {
    const auto handle = static_cast<int32_t>(integer());
    const auto shape = integers();
    input_handles_.push_back(handle);
    if (handle == -1) {
      inputs_.emplace_back();
      continue;
    }
    const at::Tensor& tensor = handles_.at(handle);
    // Most tensors are stored in the shape that they are used in.
    inputs_.push_back(tensor.sizes() == at::IntArrayRef(shape) ? tensor : tensor.reshape(shape));
  }
}

const at::Tensor& Call::input(size_t index) {
  inputs_[index] = as_stored(index).contiguous();
  return inputs_[index];
}

const at::Tensor& Call::as_stored(size_t index) const {
  TORCH_CHECK(has(index), "input ", index, " is missing");
  return inputs_[index];
}

void Call::relay(size_t index, at::Tensor tensor) { handles_.at(input_handles_[index]) = std::move(tensor); }

int64_t Call::integer() {
  TORCH_CHECK(words_ < words_end_, "an attribute is missing");
  return *words_++;
}

std::vector<int64_t> Call::integers() {
  const int64_t count = integer();
  TORCH_CHECK(count >= 0 && count <= words_end_ - words_, "a list of ", count, " integers is cut short");
  std::vector<int64_t> list(words_, words_ + count);
  words_ += count;
  return list;
}

double Call::number() {
  TORCH_CHECK(numbers_ < numbers_end_, "an attribute is missing");
  return *numbers_++;
}

void Call::put(at::Tensor output) { put_as_stored(output.contiguous()); }

void Call::put_as_stored(at::Tensor output) {
  const auto type = output.scalar_type();
  TORCH_CHECK(type == at::kFloat || type == at::kInt || type == at::kBool, "a result of type ", type);
  // A view of part of a tensor would keep the whole of it alive; one that repeats elements is no tensor of its own.
  if (output.storage().nbytes() > output.nbytes() || !output.is_non_overlapping_and_dense()) {
    output = output.clone(at::MemoryFormat::Contiguous);
  }
  outputs_.push_back(std::move(output));
}

}  // namespace awp
