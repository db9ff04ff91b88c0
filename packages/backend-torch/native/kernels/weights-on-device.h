#pragma once
// What is done to all weights at once, as launches of cuda/weights.cu: each takes up to 64 tensors.
#include "kernels/many.h"

namespace awp {

// How the elements of a tensor form groups that have a norm: element e is in group (e / stride) mod groups.
struct Grouping {
  int64_t groups;
  int64_t stride;
};

// Where the norms of each tensor's groups begin among those of all, and how many there are; all tensors have one where
// `together`.
struct NormPlaces {
  std::vector<int64_t> first;
  int64_t count;
};
NormPlaces norm_places(const std::vector<Grouping>& groupings, bool together);

// The norms of all groups, one after the other; of all elements together where `together`.
at::Tensor norms_on_device(const Tensors& tensors, const std::vector<Grouping>& groupings, bool together);

// results = length · norm · d / ‖d‖ for each group, 0 where d is 0; one norm for all where `together`.
void rescale_on_device(const Tensors& directions, const std::vector<Grouping>& groupings, bool together,
                       const at::Tensor& norms, const std::vector<double>& lengths, const Tensors& results);

// results = base + factor · addend
void add_scaled_on_device(const Tensors& bases, const Tensors& addends, const std::vector<double>& factors,
                          const Tensors& results);

struct Descent {
  const at::Tensor& rate;
  double momentum;
  bool nesterov;
};

// A step of SGD; without buffers none is kept.
void descend_on_device(const Descent& descent, const Tensors& weights, const Tensors& gradients, const Tensors& buffers,
                       const Tensors& new_weights, const Tensors& new_buffers);

// Copies tensors of 32 bits an element that stand in the same order.
void copy_on_device(const Tensors& targets, const Tensors& sources);

}  // namespace awp
