// Reductions. Axes arrive as a list, in the range of the rank; `keepDims` follows.
#include "kernels/call.h"

namespace awp {
namespace {

using Reduction = at::Tensor (*)(const at::Tensor&, at::IntArrayRef axes, bool keep);

void reduction(const char* name, Reduction compute) {
  define(name, [compute](Call& call) {
    const auto axes = call.integers();
    const bool keep = call.flag();
    const auto& x = call.input(0);
    // torch takes an empty list of axes for all of them.
    call.put(axes.empty() ? x : compute(x, axes, keep));
  });
}

// Reduces over axes one at a time, where torch knows no other way; from the last, so that the others keep their places.
template <typename Step>
at::Tensor one_by_one(at::Tensor x, at::IntArrayRef axes, bool keep, Step step) {
  std::vector<int64_t> sorted(axes.begin(), axes.end());
  std::sort(sorted.rbegin(), sorted.rend());
  for (const int64_t axis : sorted) x = step(x, axis, keep);
  return x;
}

// The first of the greatest, NaN left out save where it comes first: tfjs compares with `>` alone.
at::Tensor first_extreme(const at::Tensor& x, int64_t axis, bool greatest) {
  const auto number = x.scalar_type() == at::kFloat ? x : x.to(at::kFloat);
  const double worst = greatest ? -INFINITY : INFINITY;
  const auto finite = number.masked_fill(number.isnan(), worst);
  const auto index = greatest ? finite.argmax(axis) : finite.argmin(axis);
  return index.masked_fill(number.select(axis, 0).isnan(), 0).to(at::kInt);
}

const bool reduce_kernels = [] {
  reduction("Sum", [](const at::Tensor& x, at::IntArrayRef axes, bool keep) {
    return at::sum(x, axes, keep, x.scalar_type() == at::kFloat ? at::kFloat : at::kInt);
  });
  reduction("Mean", [](const at::Tensor& x, at::IntArrayRef axes, bool keep) {
    return at::mean(x.to(at::kFloat), axes, keep);
  });
  reduction("Max", [](const at::Tensor& x, at::IntArrayRef axes, bool keep) { return at::amax(x, axes, keep); });
  reduction("Min", [](const at::Tensor& x, at::IntArrayRef axes, bool keep) { return at::amin(x, axes, keep); });
  reduction("Prod", [](const at::Tensor& x, at::IntArrayRef axes, bool keep) {
    const auto type = x.scalar_type() == at::kFloat ? at::kFloat : at::kInt;
    return one_by_one(x, axes, keep, [type](const at::Tensor& t, int64_t axis, bool kept) {
      return at::prod(t, axis, kept, type);
    });
  });
  reduction("All", [](const at::Tensor& x, at::IntArrayRef axes, bool keep) {
    return one_by_one(x, axes, keep, [](const at::Tensor& t, int64_t axis, bool kept) { return at::all(t, axis, kept); });
  });
  reduction("Any", [](const at::Tensor& x, at::IntArrayRef axes, bool keep) {
    return one_by_one(x, axes, keep, [](const at::Tensor& t, int64_t axis, bool kept) { return at::any(t, axis, kept); });
  });

  define("ArgMax", [](Call& call) { call.put(first_extreme(call.input(0), call.integer(), true)); });
  define("ArgMin", [](Call& call) { call.put(first_extreme(call.input(0), call.integer(), false)); });
  define("Softmax", [](Call& call) { call.put(at::softmax(call.input(0), call.integer())); });
  define("LogSoftmax", [](Call& call) { call.put(at::log_softmax(call.input(0), call.integer())); });
  define("Cumsum", [](Call& call) {
    const int64_t axis = call.integer();
    const bool exclusive = call.flag();
    const bool reverse = call.flag();
    auto x = call.input(0);
    if (reverse) x = x.flip(axis);
    auto sum = at::cumsum(x, axis, x.scalar_type());
    if (exclusive) sum = sum - x;
    call.put(reverse ? sum.flip(axis) : sum);
  });
  define("TopK", [](Call& call) {
    const int64_t k = call.integer();
    // A stable order keeps the lower index of two equal values in front.
    const auto [values, indices] = at::sort(call.input(0), /*stable=*/true, /*dim=*/-1, /*descending=*/true);
    call.put(values.narrow(-1, 0, k));
    call.put(indices.narrow(-1, 0, k).to(at::kInt));
  });
  return true;
}();

}  // namespace
}  // namespace awp
