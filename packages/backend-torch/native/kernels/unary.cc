// Element by element over one tensor. Float32 throughout, save where integers are the same operation: JavaScript
// sends other types elsewhere.
#include <ATen/Parallel.h>

#include "kernels/call.h"
#include "kernels/channel-loops.h"
#include "tensor/to-int32.h"

namespace awp {
namespace {

using Unary = at::Tensor (*)(const at::Tensor&);

void unary(const char* name, Unary compute) {
  define(name, [compute](Call& call) { call.put_in_any_order(compute(call.in_any_order(0))); });
}

at::Tensor to_int32(const at::Tensor& x) {
  return x.scalar_type() == at::kFloat ? float_to_int32(x) : x.to(at::kInt);
}

at::Tensor step_on_cpu(const at::Tensor& x, double alpha) {
  auto y = at::empty(x.sizes(), x.options());
  const float* values = x.data_ptr<float>();
  float* out = y.data_ptr<float>();
  at::parallel_for(0, x.numel(), kGrain, [=](int64_t begin, int64_t end) {
    step(values + begin, end - begin, static_cast<float>(alpha), out + begin);
  });
  return y;
}

const bool unary_kernels = [] {
  unary("Abs", at::abs);
  unary("Acos", at::acos);
  unary("Acosh", at::acosh);
  unary("Asin", at::asin);
  unary("Asinh", at::asinh);
  unary("Atan", at::atan);
  unary("Atanh", at::atanh);
  unary("Ceil", at::ceil);
  unary("Cos", at::cos);
  unary("Cosh", at::cosh);
  unary("Erf", at::erf);
  unary("Exp", at::exp);
  unary("Expm1", at::expm1);
  unary("Floor", at::floor);
  unary("IsFinite", at::isfinite);
  unary("IsInf", at::isinf);
  unary("IsNan", at::isnan);
  unary("Log", at::log);
  unary("Log1p", at::log1p);
  unary("LogicalNot", at::logical_not);
  unary("Neg", at::neg);
  unary("Reciprocal", at::reciprocal);
  unary("Round", at::round);  // half to even, like TensorFlow
  unary("Rsqrt", at::rsqrt);
  unary("Sigmoid", at::sigmoid);
  unary("Sign", at::sign);
  unary("Sin", at::sin);
  unary("Sinh", at::sinh);
  unary("Sqrt", at::sqrt);
  unary("Square", [](const at::Tensor& x) { return at::mul(x, x); });
  unary("Tan", at::tan);
  unary("Tanh", at::tanh);
  unary("ZerosLike", [](const at::Tensor& x) { return at::zeros_like(x); });
  unary("OnesLike", [](const at::Tensor& x) { return at::ones_like(x); });
  unary("Relu6", [](const at::Tensor& x) { return at::clamp(x, 0, 6); });
  unary("Elu", [](const at::Tensor& x) { return at::elu(x); });
  unary("Selu", [](const at::Tensor& x) { return at::selu(x); });
  unary("Softplus", [](const at::Tensor& x) { return at::softplus(x); });
  unary("CastToFloat32", [](const at::Tensor& x) { return x.to(at::kFloat); });
  unary("CastToInt32", to_int32);
  unary("CastToBool", [](const at::Tensor& x) { return x.ne(0); });

  define("Relu", [](Call& call) { call.put_in_any_order(at::relu(call.as_stored(0))); });
  define("LeakyRelu", [](Call& call) { call.put(at::leaky_relu(call.input(0), call.number())); });
  define("ClipByValue", [](Call& call) {
    const double low = call.number();
    const double high = call.number();
    call.put(at::clamp(call.input(0), low, high));
  });
  define("Step", [](Call& call) {
    const auto& x = call.input(0);
    if (!on_device(x) && x.scalar_type() == at::kFloat) return call.put(step_on_cpu(x, call.number()));
    const auto alpha = at::scalar_tensor(call.number(), x.options());
    call.put(at::where(x.isnan(), x, at::where(x.gt(0), at::ones({}, x.options()), alpha)));
  });
  return true;
}();

}  // namespace
}  // namespace awp
