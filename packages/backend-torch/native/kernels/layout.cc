// Moving elements without computing on them.
#include "kernels/call.h"

namespace awp {
namespace {

std::vector<at::Tensor> all_inputs(Call& call) {
  std::vector<at::Tensor> tensors;
  for (size_t i = 0; i < call.inputs(); i++) tensors.push_back(call.input(i));
  return tensors;
}

at::ScalarType type_of(int64_t code) {
  TORCH_CHECK(code >= 0 && code <= 2, "no data type has the code ", code);
  return code == 0 ? at::kFloat : code == 1 ? at::kInt : at::kBool;
}

void check_slice(const at::Tensor& x, at::IntArrayRef begin, at::IntArrayRef size) {
  TORCH_CHECK(begin.size() == static_cast<size_t>(x.dim()) && size.size() == begin.size(), "a slice of ", begin.size(),
              " axes of a tensor of ", x.dim());
}

const bool layout_kernels = [] {
  define("Transpose", [](Call& call) { call.put(call.input(0).permute(call.integers())); });
  define("Concat", [](Call& call) { call.put(at::cat(all_inputs(call), call.integer())); });
  define("Pack", [](Call& call) { call.put(at::stack(all_inputs(call), call.integer())); });
  define("Unpack", [](Call& call) {
    for (const auto& part : at::unbind(call.input(0), call.integer())) call.put(part);
  });
  define("SplitV", [](Call& call) {
    const int64_t axis = call.integer();
    for (const auto& part : at::split_with_sizes(call.input(0), call.integers(), axis)) call.put(part);
  });
  define("Slice", [](Call& call) {
    const auto begin = call.integers();
    const auto size = call.integers();
    auto x = call.input(0);
    check_slice(x, begin, size);
    for (size_t axis = 0; axis < begin.size(); axis++) x = x.narrow(axis, begin[axis], size[axis]);
    call.put(x);
  });
  define("PadV2", [](Call& call) {
    // Pairs from the last axis to the first, as torch wants them.
    const auto pads = call.integers();
    call.put(at::constant_pad_nd(call.input(0), pads, call.number()));
  });
  define("Tile", [](Call& call) { call.put(call.input(0).repeat(call.integers())); });
  define("Reverse", [](Call& call) { call.put(call.input(0).flip(call.integers())); });
  define("BroadcastTo", [](Call& call) { call.put(call.input(0).expand(call.integers())); });
  define("Fill", [](Call& call) {
    const auto shape = call.integers();
    const auto type = type_of(call.integer());
    call.put(at::full(shape, call.number(), at::TensorOptions(type).device(device())));
  });
  define("GatherV2", [](Call& call) {
    const int64_t axis = call.integer();
    const auto& x = call.input(0);
    const auto& indices = call.input(1);
    if (indices.numel() > 0 && !capturing()) {
      // On CUDA an index out of range would end the device's context.
      const auto [lowest, highest] = at::aminmax(indices);
      const int64_t last = x.size(axis) - 1;
      const int64_t low = lowest.item<int64_t>();
      const int64_t high = highest.item<int64_t>();
      TORCH_CHECK(low >= 0 && high <= last, "the index value ", low < 0 ? low : high, " is not in [0, ", last, "]");
    }
    auto chosen = indices.reshape({-1}).to(at::kInt);
    // A graph cannot ask for the range: what lies beyond is taken from the edge. Outside of one, too, so that no kernel
    // runs for the first time while one is captured.
    if (x.is_cuda()) chosen = at::clamp(chosen, 0, x.size(axis) - 1);
    const auto rows = at::index_select(x, axis, chosen);
    std::vector<int64_t> shape(x.sizes().begin(), x.sizes().begin() + axis);
    shape.insert(shape.end(), indices.sizes().begin(), indices.sizes().end());
    shape.insert(shape.end(), x.sizes().begin() + axis + 1, x.sizes().end());
    call.put(rows.reshape(shape));
  });
  define("OneHot", [](Call& call) {
    const int64_t depth = call.integer();
    const auto type = type_of(call.integer());
    const double on = call.number();
    const double off = call.number();
    const auto& indices = call.input(0);
    const auto classes = at::arange(depth, indices.options());
    const auto hit = at::eq(indices.unsqueeze(-1), classes);
    // An index outside the range hits nothing.
    const auto options = indices.options().dtype(type);
    call.put(at::where(hit, at::full({}, on, options), at::full({}, off, options)));
  });
  return true;
}();

}  // namespace
}  // namespace awp
