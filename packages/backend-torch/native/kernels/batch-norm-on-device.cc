// Batch normalisation by kernels of our own, in the type that the images are stored in: see cuda/batch-norm.cu.
#include <algorithm>
#include <bit>

#include "device/launch.h"
#include "kernels/batch-norm.h"

namespace awp {

namespace cuda {
#include "cuda/batch-norm.cu"
}

namespace {

using cuda::bfloat16;

template <typename T>
const auto batch_norm_statistics =
    device_kernel<T>("batch-norm", "batch_norm_statistics", cuda::batch_norm_statistics<T>);
template <typename T>
const auto batch_norm_apply = device_kernel<T>("batch-norm", "batch_norm_apply", cuda::batch_norm_apply<T>);
template <typename G, typename T>
const auto batch_norm_gradients =
    device_kernel<G, T>("batch-norm", "batch_norm_gradients", cuda::batch_norm_gradients<G, T>);
template <typename G, typename T>
const auto batch_norm_input_gradient =
    device_kernel<G, T>("batch-norm", "batch_norm_input_gradient", cuda::batch_norm_input_gradient<G, T>);
template <typename T>
const auto batch_norm_inference = device_kernel<T>("batch-norm", "batch_norm_inference", cuda::batch_norm_inference<T>);

// Blocks of the launches that sum, which leave a part each, and of those that move images. Neither depends on the GPU:
// nor do results.
constexpr int64_t kSummingBlocks = 256;
constexpr int64_t kMovingBlocks = 1024;
// Rows that a thread has at least, if there are enough.
constexpr int64_t kRowsOfThread = 4;

constexpr int64_t divided_up(int64_t value, int64_t by) { return (value + by - 1) / by; }

// How the rows and channels of images are shared out among blocks and threads.
struct Sharing {
  int64_t rows, channels;
  // Whether a thread has kWidth channels, or one.
  bool wide;
  cuda::Extent block;

  // All images that a kernel reads and writes.
  Sharing(std::initializer_list<at::Tensor> images) {
    const auto& x = *images.begin();
    channels = x.size(-1);
    rows = x.numel() / channels;
    wide = channels % cuda::kWidth == 0;
    for (const auto& image : images) {
      const auto pack = static_cast<size_t>(cuda::kWidth * image.element_size());
      wide = wide && reinterpret_cast<size_t>(image.data_ptr()) % pack == 0;
    }
    const int64_t columns = std::min<int64_t>(cuda::kMostColumns, vectors());
    block.x = static_cast<unsigned>(columns);
    block.y = std::bit_floor(static_cast<unsigned>(cuda::kMostThreads / columns));
  }

  int64_t vectors() const { return wide ? channels / cuda::kWidth : channels; }
  int64_t tiles() const { return divided_up(vectors(), block.x); }
  // Tiles of channels by parts of the rows.
  cuda::Extent grid(int64_t blocks) const {
    const int64_t most = divided_up(rows, block.y * kRowsOfThread);
    const int64_t parts = std::min(divided_up(blocks, tiles()), most);
    return {static_cast<unsigned>(tiles()), static_cast<unsigned>(parts)};
  }
};

// A zero for each tile, which every launch leaves as it was. A thread's own, as its stream is.
unsigned* ended(const Sharing& sharing, const at::TensorOptions& options) {
  // Never destroyed: CUDA may be gone by then.
  static thread_local at::Tensor& zeros = *new at::Tensor();
  if (!zeros.defined() || zeros.numel() < sharing.tiles()) {
    zeros = at::zeros({std::max<int64_t>(sharing.tiles(), 1 << 10)}, options.dtype(at::kInt));
  }
  return reinterpret_cast<unsigned*>(zeros.data_ptr<int>());
}

at::Tensor room_for_parts(const Sharing& sharing, unsigned parts, const at::TensorOptions& options) {
  return at::empty({parts, 2, sharing.channels}, options.dtype(at::kDouble));
}

// Rows of a [count, channels] tensor.
float* row(const at::Tensor& rows, int64_t index) { return rows.data_ptr<float>() + index * rows.size(1); }

const at::Tensor& vector(Call& call, size_t index, int64_t channels, const char* name) {
  const auto& tensor = call.input(index);
  check_channels(tensor, channels, name);
  return tensor;
}

}  // namespace

void batch_norm_on_device(Call& call, double epsilon, const RunningUpdate& update, bool relu) {
  const auto x = call.as_stored(0).contiguous();
  check_image(x);
  const auto y = at::empty_like(x);
  const Sharing sharing{x, y};
  const auto channels = sharing.channels;
  const auto grid = sharing.grid(kSummingBlocks);
  const auto floats = x.options().dtype(at::kFloat);
  const auto parts = room_for_parts(sharing, grid.y, x.options());
  const auto mean = at::empty({channels}, floats);
  const auto variance = at::empty({channels}, floats);
  const auto coefficients = at::empty({2, channels}, floats);

  cuda::Statistics to{};
  to.rows = sharing.rows;
  to.channels = static_cast<int>(channels);
  to.epsilon = epsilon;
  to.scale = vector(call, 1, channels, "scale").data_ptr<float>();
  to.offset = vector(call, 2, channels, "offset").data_ptr<float>();
  to.parts = parts.data_ptr<double>();
  to.ended = ended(sharing, x.options());
  to.mean = mean.data_ptr<float>();
  to.variance = variance.data_ptr<float>();
  to.factor = row(coefficients, 0);
  to.shift = row(coefficients, 1);
  at::Tensor moved_mean, moved_variance;
  if (call.has(3)) {
    moved_mean = at::empty({channels}, floats);
    moved_variance = at::empty({channels}, floats);
    to.running_mean = vector(call, 3, channels, "the running mean").data_ptr<float>();
    to.running_variance = vector(call, 4, channels, "the running variance").data_ptr<float>();
    to.moved_mean = moved_mean.data_ptr<float>();
    to.moved_variance = moved_variance.data_ptr<float>();
    to.momentum = static_cast<float>(update.momentum);
    to.rest = static_cast<float>(1 - update.momentum);
    to.unbias = static_cast<float>(update.unbias);
  }
  with_float_type(x, [&]<typename T>() {
    launch(batch_norm_statistics<T>, grid, sharing.block, device_data<T>(x), to, sharing.wide);
    launch(batch_norm_apply<T>, sharing.grid(kMovingBlocks), sharing.block, device_data<T>(x), to.rows, to.channels,
           to.mean, to.factor, to.shift, relu, device_data<T>(y), sharing.wide);
  });
  call.put(y);
  call.put(mean);
  call.put(variance);
  if (!call.has(3)) return;
  call.put(moved_mean);
  call.put(moved_variance);
}

void batch_norm_gradient_on_device(Call& call, double epsilon, bool relu) {
  const auto dy = call.as_stored(0).contiguous();
  const auto x = call.as_stored(1).contiguous();
  check_image(x);
  check_same_shape(dy, x);
  // What normalisation made of x is stored as x is.
  const auto y = relu ? call.as_stored(5).to(x.scalar_type()).contiguous() : x;
  check_same_shape(y, x);
  const auto dx = at::empty_like(x);
  const Sharing sharing{dy, x, y, dx};
  const auto channels = sharing.channels;
  const auto grid = sharing.grid(kSummingBlocks);
  const auto floats = x.options().dtype(at::kFloat);
  const auto parts = room_for_parts(sharing, grid.y, x.options());
  const auto d_scale = at::empty({channels}, floats);
  const auto d_offset = at::empty({channels}, floats);
  const auto coefficients = at::empty({3, channels}, floats);

  cuda::Gradients to{};
  to.rows = sharing.rows;
  to.channels = static_cast<int>(channels);
  to.epsilon = epsilon;
  to.scale = vector(call, 2, channels, "scale").data_ptr<float>();
  to.mean = vector(call, 3, channels, "mean").data_ptr<float>();
  to.variance = vector(call, 4, channels, "variance").data_ptr<float>();
  to.parts = parts.data_ptr<double>();
  to.ended = ended(sharing, x.options());
  to.d_scale = d_scale.data_ptr<float>();
  to.d_offset = d_offset.data_ptr<float>();
  to.factor = row(coefficients, 0);
  to.slope = row(coefficients, 1);
  to.shift = row(coefficients, 2);
  with_float_type(dy, [&]<typename G>() {
    with_float_type(x, [&]<typename T>() {
      const T* output = relu ? device_data<T>(y) : nullptr;
      launch(batch_norm_gradients<G, T>, grid, sharing.block, device_data<G>(dy), device_data<T>(x), output, to,
             sharing.wide);
      launch(batch_norm_input_gradient<G, T>, sharing.grid(kMovingBlocks), sharing.block, device_data<G>(dy),
             device_data<T>(x), output, to, device_data<T>(dx), sharing.wide);
    });
  });
  call.put(dx);
  call.put(d_scale);
  call.put(d_offset);
}

bool fused_batch_norm_on_device(Call& call, double epsilon) {
  if (!call.as_stored(0).is_floating_point() || call.as_stored(0).numel() == 0 || call.as_stored(0).dim() == 0) {
    return false;
  }
  const auto x = call.as_stored(0).contiguous();
  const float* vectors[4] = {};
  for (size_t i = 0; i < 4; i++) {
    if (!call.has(i + 1)) continue;
    const auto& vector = call.input(i + 1);
    if (vector.dim() != 1 || vector.numel() != x.size(-1) || vector.scalar_type() != at::kFloat) return false;
    vectors[i] = vector.data_ptr<float>();
  }
  const auto y = at::empty_like(x);
  const Sharing sharing{x, y};
  with_float_type(x, [&]<typename T>() {
    launch(batch_norm_inference<T>, sharing.grid(kMovingBlocks), sharing.block, device_data<T>(x), sharing.rows,
           static_cast<int>(sharing.channels), vectors[0], vectors[1], vectors[2], vectors[3],
           static_cast<float>(epsilon), device_data<T>(y), sharing.wide);
  });
  call.put(y);
  return true;
}

}  // namespace awp
