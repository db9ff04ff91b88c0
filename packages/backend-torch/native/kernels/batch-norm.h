#pragma once
// What batch normalisation on the CPU and on the device share.
#include "kernels/call.h"

namespace awp {

// An image [batch, height, width, channels] of float32, which may be stored in bfloat16.
inline void check_image(const at::Tensor& x) {
  TORCH_CHECK(x.dim() == 4 && x.is_floating_point() && x.numel() > 0,
              "batch normalisation wants a float32 image that is not empty");
}

// A vector with one value per channel.
inline void check_channels(const at::Tensor& vector, int64_t channels, const char* name) {
  TORCH_CHECK(vector.scalar_type() == at::kFloat && vector.numel() == channels, name, " has ", vector.numel(),
              " values for ", channels, " channels");
}

// dy, x and y of a gradient.
inline void check_same_shape(const at::Tensor& one, const at::Tensor& other) {
  TORCH_CHECK(one.sizes() == other.sizes() && one.is_floating_point(), "dy, x and y differ in shape or type");
}

// How running statistics, the inputs 3 and 4 where they are given, move to the batch's: the variance counts `unbias`
// times.
struct RunningUpdate {
  double momentum, unbias;
};

// The attributes and inputs are those of BatchNormTraining and its gradient, with ReLU or without.
void batch_norm_on_device(Call& call, double epsilon, const RunningUpdate& update, bool relu);
void batch_norm_gradient_on_device(Call& call, double epsilon, bool relu);

// FusedBatchNorm of vectors over the last axis; false, and nothing done, where the inputs are not those.
bool fused_batch_norm_on_device(Call& call, double epsilon);

}  // namespace awp
