// Element by element over two tensors, broadcast as tfjs and torch both do: from the last axis.
#include "kernels/call.h"
#include "tensor/to-int32.h"

namespace awp {
namespace {

// `a` in the order of a filter's elements where `b` is in such an order: the result then is, too.
at::Tensor like(const at::Tensor& b, const at::Tensor& a) {
  if (b.is_contiguous() || !a.is_contiguous() || a.sizes() != b.sizes()) return a;
  return at::empty_strided(b.sizes(), b.strides(), a.options()).copy_(a);
}

using Binary = at::Tensor (*)(const at::Tensor&, const at::Tensor&);

void binary(const char* name, Binary compute) {
  define(name, [compute](Call& call) {
    const auto& b = call.in_any_order(1);
    call.put_in_any_order(compute(like(b, call.in_any_order(0)), b));
  });
}

const bool binary_kernels = [] {
  define("Add", [](Call& call) {
    const auto& b = call.as_stored(1);
    call.put_in_any_order(at::add(like(b, call.as_stored(0)), b));
  });
  binary("Sub", [](const at::Tensor& a, const at::Tensor& b) { return at::sub(a, b); });
  binary("Multiply", [](const at::Tensor& a, const at::Tensor& b) { return at::mul(a, b); });
  binary("RealDiv", [](const at::Tensor& a, const at::Tensor& b) { return at::div(a, b); });
  binary("Maximum", at::maximum);
  binary("Minimum", at::minimum);
  binary("Pow", [](const at::Tensor& a, const at::Tensor& b) { return at::pow(a, b); });
  binary("Mod", [](const at::Tensor& a, const at::Tensor& b) { return at::remainder(a, b); });
  binary("Atan2", at::atan2);
  binary("SquaredDifference", [](const at::Tensor& a, const at::Tensor& b) {
    const auto difference = at::sub(a, b);
    return at::mul(difference, difference);
  });
  binary("FloorDiv", [](const at::Tensor& a, const at::Tensor& b) {
    // In double, which holds every quotient of two int32 on the right side of an integer; a division by 0 is 0.
    return float_to_int32(at::floor(at::div(a.to(at::kDouble), b.to(at::kDouble))));
  });

  binary("Equal", [](const at::Tensor& a, const at::Tensor& b) { return at::eq(a, b); });
  binary("NotEqual", [](const at::Tensor& a, const at::Tensor& b) { return at::ne(a, b); });
  binary("Greater", [](const at::Tensor& a, const at::Tensor& b) { return at::gt(a, b); });
  binary("GreaterEqual", [](const at::Tensor& a, const at::Tensor& b) { return at::ge(a, b); });
  binary("Less", [](const at::Tensor& a, const at::Tensor& b) { return at::lt(a, b); });
  binary("LessEqual", [](const at::Tensor& a, const at::Tensor& b) { return at::le(a, b); });
  binary("LogicalAnd", at::logical_and);
  binary("LogicalOr", at::logical_or);
  binary("LogicalXor", at::logical_xor);

  // dy where x > 0: the gradient of max(x, 0) in one pass.
  define("ReluGrad", [](Call& call) {
    const auto& x = call.as_stored(1);
    call.put_in_any_order(at::threshold_backward(like(x, call.as_stored(0)).to(x.scalar_type()), x, 0));
  });
  binary("EluGrad", [](const at::Tensor& dy, const at::Tensor& y) {
    return at::where(y.ge(0), dy, at::mul(dy, at::add(y, 1)));
  });
  binary("Prelu", [](const at::Tensor& x, const at::Tensor& alpha) { return at::where(x.lt(0), x * alpha, x); });

  define("Select", [](Call& call) {
    auto condition = call.input(0);
    const auto& positive = call.input(1);
    // A condition of rank 1 chooses along the first axis.
    if (condition.dim() == 1 && positive.dim() > 1) {
      std::vector<int64_t> shape(positive.dim(), 1);
      shape[0] = condition.size(0);
      condition = condition.view(shape);
    }
    call.put(at::where(condition, positive, call.input(2)));
  });
  define("AddN", [](Call& call) {
    auto sum = at::add(call.as_stored(0), call.as_stored(1));
    for (size_t i = 2; i < call.inputs(); i++) sum.add_(call.as_stored(i));
    call.put(sum);
  });
  return true;
}();

}  // namespace
}  // namespace awp
