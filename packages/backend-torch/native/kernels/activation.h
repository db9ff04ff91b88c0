#pragma once
// What a fused kernel does to its result: the code stands next in the words, the slope of leakyrelu in the numbers.
#include "kernels/call.h"

namespace awp {

// The codes that kernels/activation.ts sends.
enum class Activation : int64_t {
  kLinear = 0,
  kRelu = 1,
  kElu = 2,
  kRelu6 = 3,
  kPrelu = 4,
  kLeakyRelu = 5,
  kSigmoid = 6,
};

// `prelu` is the index of the input that holds its slopes.
inline at::Tensor activate(Call& call, size_t prelu, const at::Tensor& x) {
  const auto activation = static_cast<Activation>(call.integer());
  switch (activation) {
    case Activation::kLinear:
      return x;
    case Activation::kRelu:
      return at::relu(x);
    case Activation::kElu:
      return at::elu(x);
    case Activation::kRelu6:
      return at::clamp(x, 0, 6);
    case Activation::kPrelu:
      return at::where(x.lt(0), x * call.input(prelu), x);
    case Activation::kLeakyRelu:
      return at::leaky_relu(x, call.number());
    case Activation::kSigmoid:
      return at::sigmoid(x);
  }
  TORCH_CHECK(false, "no activation has the code ", static_cast<int64_t>(activation));
}

}  // namespace awp
