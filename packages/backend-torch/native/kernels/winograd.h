#pragma once
// 3 × 3 convolutions of stride 1 with a border of one zero, and their input gradients, by Winograd's minimal filtering
// F(2×2, 3×3): 16 products for four outputs instead of 36. Lavin and Gray 2015, arXiv:1509.09308.
#include <cstdint>

namespace awp {

struct WinogradShape {
  int64_t batch, height, width;
  // Channels of the filter's image and of its output, whichever way it is run.
  int64_t inputs, outputs;
};

// Whether this machine has the vector units and the shape is one that gains.
bool winograd_fits(const WinogradShape& shape);

// y = x ⋆ filter. x: [batch, height, width, inputs], filter: [outputs, 3, 3, inputs], y: [batch, height, width, outputs].
void winograd_convolution(const WinogradShape& shape, const float* x, const float* filter, float* y);

// dx, like x, from dy, like y.
void winograd_input_gradient(const WinogradShape& shape, const float* dy, const float* filter, float* dx);

}  // namespace awp
