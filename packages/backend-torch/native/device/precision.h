#pragma once
// The type that convolutions and matrix products are computed and stored in, behind the float32 that JavaScript sees.
#include <ATen/ATen.h>

namespace awp {

// float32, or bfloat16 where that was chosen; one for the process, as libtorch's own settings are.
at::ScalarType& product_type();

}  // namespace awp
