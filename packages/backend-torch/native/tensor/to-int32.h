#pragma once
// Floating point to int32 as JavaScript does it: NaN and the infinities are 0, the rest is cut and wraps around.
#include <ATen/ATen.h>

namespace awp {

inline at::Tensor float_to_int32(const at::Tensor& x) {
  return at::fmod(at::nan_to_num(x, 0.0, 0.0, 0.0), 0x1p32).to(at::kLong).to(at::kInt);
}

}  // namespace awp
