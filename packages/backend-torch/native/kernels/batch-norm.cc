// Batch normalisation by given statistics, over the last axis or any shape that broadcasts.
#include "kernels/batch-norm.h"

namespace awp {
namespace {

const bool batch_norm_kernels = [] {
  // Inputs: x, mean, variance, offset, scale (the last two may be absent).
  define("FusedBatchNorm", [](Call& call) {
    const double epsilon = call.number();
    if (on_device(call.as_stored(0)) && fused_batch_norm_on_device(call, epsilon)) return;
    auto factor = at::rsqrt(call.input(2) + epsilon);
    if (call.has(4)) factor = factor * call.input(4);
    auto shift = at::neg(call.input(1) * factor);
    if (call.has(3)) shift = shift + call.input(3);
    call.put(at::addcmul(shift, call.input(0), factor));
  });
  return true;
}();

}  // namespace
}  // namespace awp
