// Products of matrices, batched over the leading axes.
#include "kernels/activation.h"
#include "kernels/call.h"

namespace awp {
namespace {

at::Tensor product(const at::Tensor& a, const at::Tensor& b, bool transpose_a, bool transpose_b) {
  TORCH_CHECK(a.dim() >= 2 && b.dim() >= 2, "a product wants matrices");
  return at::matmul(transpose_a ? a.transpose(-1, -2) : a, transpose_b ? b.transpose(-1, -2) : b);
}

const bool defined = [] {
  define("BatchMatMul", [](Call& call) {
    const bool transpose_a = call.flag();
    const bool transpose_b = call.flag();
    call.put(product(call.factor(0), call.factor(1), transpose_a, transpose_b));
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
