#pragma once
// One call of a kernel: its inputs and attributes as JavaScript laid them out, and the outputs.
//
// Words: the number of inputs; for each a handle (-1: absent), a rank and sizes; then the integer attributes.
// Numbers: the attributes that are not integers. Every read is checked, so that no caller can read beyond.
#include <functional>
#include <string>

#include "device/device.h"
#include "device/precision.h"
#include "tensor/slots.h"

namespace awp {

class Call {
 public:
  Call(Slots& slots, const int32_t* words, size_t word_count, const double* numbers, size_t number_count);

  size_t inputs() const { return inputs_.size(); }
  bool has(size_t index) const { return index < inputs_.size() && inputs_[index].defined(); }
  // The input in the shape and type that the caller sees, contiguous in row-major order.
  const at::Tensor& input(size_t index);
  // The same without a copy: its elements may stand in another order, see `store_reordered`.
  const at::Tensor& in_any_order(size_t index);
  // The input as it is stored, also in its type, which may be bfloat16 where the caller sees float32.
  const at::Tensor& as_stored(size_t index) const;
  // The input as a factor: contiguous, in the type that products are computed in.
  at::Tensor factor(size_t index) const;
  // The input in this type, of which the slot keeps a copy: for weights, which many calls take before they change.
  at::Tensor converted(size_t index, at::ScalarType type);
  // Keeps the input's data in another order from now on: the same shape and values with other strides.
  void store_reordered(size_t index, at::Tensor tensor);

  int64_t integer();
  bool flag() { return integer() != 0; }
  // A length and that many integers.
  std::vector<int64_t> integers();
  double number();

  // The storage of an output is its own.
  void put(at::Tensor output);
  // An output in whatever order its elements stand.
  void put_in_any_order(at::Tensor output);
  const std::vector<at::Tensor>& outputs() const { return outputs_; }

 private:
  bool is_of_input(const at::Tensor& output) const;

  Slots& slots_;
  const int32_t* words_;
  const int32_t* words_end_;
  const double* numbers_;
  const double* numbers_end_;
  std::vector<at::Tensor> inputs_;
  std::vector<int32_t> input_handles_;
  std::vector<at::Tensor> outputs_;
};

using Kernel = std::function<void(Call&)>;

struct NamedKernel {
  std::string name;
  Kernel run;
};

// All kernels, in the order in which their sources were compiled and linked; JavaScript calls them by index.
std::vector<NamedKernel>& kernels();

// Runs a kernel; what it refuses is an error with its name and the inputs' shapes.
std::vector<at::Tensor> run_kernel(int32_t index, Slots& slots, const int32_t* words, size_t word_count,
                                   const double* numbers, size_t number_count);

// What an error says, without the native stack that libtorch's go on with.
std::string message_of(const std::exception& error);

// What a source's static initializer calls for each of its kernels.
inline bool define(const char* name, Kernel run) {
  kernels().push_back({name, std::move(run)});
  return true;
}

}  // namespace awp
