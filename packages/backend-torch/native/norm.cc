// Batch normalisation over [batch, height, width, channels]: with given statistics and with the batch's own.
#include "window.h"

namespace awp {
namespace {

const bool defined = [] {
  // Inputs: x, mean, variance, offset, scale (the last two may be absent).
  define("FusedBatchNorm", [](Call& call) {
    const double epsilon = call.number();
    const auto& x = call.input(0);
    const auto& mean = call.input(1);
    const auto& variance = call.input(2);
    auto factor = at::rsqrt(variance + epsilon);
    if (call.has(4)) factor = factor * call.input(4);
    auto shift = at::neg(mean * factor);
    if (call.has(3)) shift = shift + call.input(3);
    call.put(at::addcmul(shift, x, factor));
  });

  // Inputs: x, scale, offset; outputs: y, the mean and the biased variance.
  define("BatchNormTraining", [](Call& call) {
    const double epsilon = call.number();
    const auto x = image(call.input(0));
    const auto& scale = call.input(1);
    const auto count = static_cast<double>(x.numel() / std::max<int64_t>(x.size(1), 1));
    // torch updates running statistics with the unbiased variance; with a momentum of 1 they are the batch's.
    const auto mean = at::zeros_like(scale);
    const auto variance = at::zeros_like(scale);
    const auto [y, saved_mean, inverse] =
        at::native_batch_norm(x, scale, call.input(2), mean, variance, true, 1.0, epsilon);
    call.put(from_image(y));
    call.put(saved_mean);
    // One pixel has no unbiased variance: its biased one is 0.
    call.put(count > 1 ? variance.mul_((count - 1) / count) : at::zeros_like(variance));
  });

  // Inputs: dy, x, scale, mean, variance; outputs: dx, dScale, dOffset.
  define("BatchNormTrainingGrad", [](Call& call) {
    const double epsilon = call.number();
    const auto dy = image(call.input(0));
    const auto x = image(call.input(1));
    const auto inverse = at::rsqrt(call.input(4) + epsilon);
    const auto [dx, d_scale, d_offset] = at::native_batch_norm_backward(dy, x, call.input(2), {}, {}, call.input(3),
                                                                        inverse, true, epsilon, {true, true, true});
    call.put(from_image(dx));
    call.put(d_scale);
    call.put(d_offset);
  });
  return true;
}();

}  // namespace
}  // namespace awp
