#include "kernels/many.h"

#include "kernels/weights-on-device.h"

namespace awp {
namespace {

at::Tensor float_input(Call& call, size_t index) {
  const auto& tensor = call.in_any_order(index);
  TORCH_CHECK(tensor.scalar_type() == at::kFloat, "input ", index, " is of type ", tensor.scalar_type(),
              ", want float32");
  return tensor;
}

bool same_words(const at::Tensor& target, const at::Tensor& source) {
  return target.scalar_type() == source.scalar_type() && target.element_size() == 4 &&
         target.sizes() == source.sizes() && target.strides() == source.strides() &&
         target.is_non_overlapping_and_dense();
}

}  // namespace

Tensors float_inputs(Call& call, size_t first, int64_t count) {
  Tensors tensors;
  for (int64_t i = 0; i < count; i++) {
    const auto tensor = float_input(call, first + i);
    tensors.push_back(tensor.is_non_overlapping_and_dense() ? tensor : tensor.contiguous());
  }
  return tensors;
}

Tensors float_inputs_like(Call& call, size_t first, const Tensors& leaders) {
  Tensors tensors;
  for (size_t i = 0; i < leaders.size(); i++) {
    const auto& leader = leaders[i];
    const auto tensor = float_input(call, first + i);
    TORCH_CHECK(tensor.sizes() == leader.sizes(), "input ", first + i, " is of sizes ", tensor.sizes(), ", want ",
                leader.sizes());
    const bool alike = tensor.strides() == leader.strides() || (tensor.is_contiguous() && leader.is_contiguous());
    tensors.push_back(alike ? tensor
                            : at::empty_strided(leader.sizes(), leader.strides(), tensor.options()).copy_(tensor));
  }
  return tensors;
}

Tensors unfilled_like(const Tensors& tensors) {
  Tensors results;
  for (const auto& tensor : tensors) {
    results.push_back(at::empty_strided(tensor.sizes(), tensor.strides(), tensor.options()));
  }
  return results;
}

void copy_all(const Tensors& targets, const Tensors& sources) {
  Tensors to, from;
  for (size_t i = 0; i < targets.size(); i++) {
    if (on_device(targets[i]) && same_words(targets[i], sources[i])) {
      to.push_back(targets[i]);
      from.push_back(sources[i]);
    } else {
      targets[i].copy_(sources[i]);
    }
  }
  if (!to.empty()) copy_on_device(to, from);
}

}  // namespace awp
