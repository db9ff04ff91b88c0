// Products of matrices, batched over the leading axes.
#include "kernels/activation.h"
#include "kernels/call.h"

namespace awp {
namespace {

// A gradient of weights, which tfjs asks for as xᵀ · dy, is kept as weights are.
at::Tensor kept(at::Tensor result, bool transpose_a, bool transpose_b) {
  return transpose_a && !transpose_b && result.scalar_type() == at::kBFloat16 ? result.to(at::kFloat) : result;
}

at::Tensor product(const at::Tensor& a, const at::Tensor& b, bool transpose_a, bool transpose_b) {
  TORCH_CHECK(a.dim() >= 2 && b.dim() >= 2, "a product wants matrices");
  return at::matmul(transpose_a ? a.transpose(-1, -2) : a, transpose_b ? b.transpose(-1, -2) : b);
}

const bool matmul_kernels = [] {
  define("BatchMatMul", [](Call& call) {
    const bool transpose_a = call.flag();
    const bool transpose_b = call.flag();
    call.put(kept(product(call.factor(0), call.factor(1), transpose_a, transpose_b), transpose_a, transpose_b));
  });
  define("_FusedMatMul", [](Call& call) {
    const bool transpose_a = call.flag();
    const bool transpose_b = call.flag();
    auto result = product(call.factor(0), call.factor(1), transpose_a, transpose_b);
    if (call.has(2)) result = result + call.input(2);
    call.put(activate(call, 3, result));
  });
  return true;
}();

}  // namespace
}  // namespace awp
