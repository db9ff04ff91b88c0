#pragma once
// Lists of tensors that one kernel works on at once: the weights of a network, their gradients.
#include <ATen/Parallel.h>

#include "kernels/call.h"
#include "kernels/channel-loops.h"

namespace awp {

using Tensors = std::vector<at::Tensor>;

// So many inputs from `first` on, float32, with no gaps between their elements.
Tensors float_inputs(Call& call, size_t first, int64_t count);

// The inputs with their elements in the order of those of `leaders`, each of the shape of its own.
Tensors float_inputs_like(Call& call, size_t first, const Tensors& leaders);

// New tensors like these, not filled.
Tensors unfilled_like(const Tensors& tensors);

// Copies each source to its target; on the device's routes at once where all have 32 bits an element.
void copy_all(const Tensors& targets, const Tensors& sources);

// Runs work(tensor, begin, end) on stretches of all tensors' elements, side by side.
template <typename Work>
void for_elements(const Tensors& tensors, Work work) {
  for (size_t i = 0; i < tensors.size(); i++) {
    at::parallel_for(0, tensors[i].numel(), kGrain, [&](int64_t begin, int64_t end) { work(i, begin, end); });
  }
}

}  // namespace awp
