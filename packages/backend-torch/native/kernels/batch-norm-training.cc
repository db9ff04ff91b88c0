// Batch normalisation by the batch's own statistics and its gradient, over [batch, height, width, channels]; also with
// the ReLU behind it, which saves reading and writing the images once more in either direction.
//
// On the CPU the sums go through double: torch's own, in float32 throughout, put a pre-activation near 0 on the wrong
// side of the ReLU behind it often enough to show in golden figures. The rows are cut into a fixed number of parts,
// so that results do not depend on the number of threads.
#include <ATen/Parallel.h>

#include <cmath>

#include "kernels/channel-loops.h"
#include "kernels/batch-norm.h"

namespace awp {
namespace {

using Doubles = std::vector<double>;

constexpr int64_t kParts = 16;

struct ImageRows {
  int64_t count, channels;

  explicit ImageRows(const at::Tensor& x) : count(0), channels(x.dim() == 4 ? x.size(3) : 0) {
    check_image(x);
    count = x.numel() / channels;
  }
  int64_t begin(int64_t part) const { return count * part / kParts; }

  // run(part) for each part.
  template <typename Run>
  void each_part(Run run) const {
    const int64_t grain = count * channels < kGrain ? kParts : 1;
    at::parallel_for(0, kParts, grain, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; part++) run(part);
    });
  }

  // step(first row, rows) for each stretch of a part that float32 can sum.
  template <typename Step>
  void each_stretch(int64_t part, Step step) const {
    const int64_t end = begin(part + 1);
    for (int64_t row = begin(part); row < end; row += kFloatRows) step(row, std::min(kFloatRows, end - row));
  }

  // A vector with one value per channel.
  const float* vector(const at::Tensor& tensor, const char* name) const {
    check_channels(tensor, channels, name);
    return tensor.data_ptr<float>();
  }
};

// Two sums per channel over all rows, each part by itself and then in order.
template <typename Add>
std::pair<Doubles, Doubles> sums(const ImageRows& rows, Add add) {
  const int64_t channels = rows.channels;
  std::vector<Doubles> parts(kParts);
  rows.each_part([&](int64_t part) {
    Doubles sum(2 * channels);
    std::vector<float> room(2 * channels);
    rows.each_stretch(part, [&](int64_t row, int64_t count) {
      add(row, count, room.data(), room.data() + channels, sum.data(), sum.data() + channels);
    });
    parts[part] = std::move(sum);
  });
  Doubles first(channels), second(channels);
  for (const auto& part : parts) {
    for (int64_t c = 0; c < channels; c++) {
      first[c] += part[c];
      second[c] += part[channels + c];
    }
  }
  return {first, second};
}

// A value near each channel's mean, about which squares can be summed without cancellation: the mean of some rows.
std::vector<float> pivots(const ImageRows& rows, const float* x) {
  const int64_t samples = std::min<int64_t>(rows.count, 64);
  Doubles sum(rows.channels);
  for (int64_t i = 0; i < samples; i++) {
    const float* row = x + (rows.count * i / samples) * rows.channels;
    for (int64_t c = 0; c < rows.channels; c++) sum[c] += row[c];
  }
  std::vector<float> pivot(rows.channels);
  for (int64_t c = 0; c < rows.channels; c++) pivot[c] = static_cast<float>(sum[c] / static_cast<double>(samples));
  return pivot;
}

void forward(Call& call, double epsilon, bool relu) {
  const auto& x = call.input(0);
  const ImageRows rows(x);
  const float* values = x.data_ptr<float>();
  const float* scale = rows.vector(call.input(1), "scale");
  const float* offset = rows.vector(call.input(2), "offset");
  const auto pivot = pivots(rows, values);
  const auto [s1, s2] = sums(rows, [&](int64_t row, int64_t count, float* a1, float* a2, double* s1, double* s2) {
    add_moments(values + row * rows.channels, count, rows.channels, pivot.data(), a1, a2, s1, s2);
  });

  auto mean = at::empty({rows.channels}, x.options());
  auto variance = at::empty_like(mean);
  std::vector<float> factor(rows.channels), shift(rows.channels);
  for (int64_t c = 0; c < rows.channels; c++) {
    const double count = static_cast<double>(rows.count);
    const double exact = pivot[c] + s1[c] / count;
    const double spread = std::max(0.0, s2[c] / count - (s1[c] / count) * (s1[c] / count));
    const float rounded = static_cast<float>(exact);
    mean.data_ptr<float>()[c] = rounded;
    variance.data_ptr<float>()[c] = static_cast<float>(spread);
    const double slope = scale[c] / std::sqrt(spread + epsilon);
    factor[c] = static_cast<float>(slope);
    // What rounding took from the mean comes back here.
    shift[c] = static_cast<float>(offset[c] - (exact - rounded) * slope);
  }

  auto y = at::empty(x.sizes(), x.options());
  float* out = y.data_ptr<float>();
  rows.each_part([&](int64_t part) {
    const int64_t begin = rows.begin(part);
    const int64_t at = begin * rows.channels;
    (relu ? normalize_relu : normalize)(values + at, rows.begin(part + 1) - begin, rows.channels,
                                        mean.data_ptr<float>(), factor.data(), shift.data(), out + at);
  });
  call.put(y);
  call.put(mean);
  call.put(variance);
}

void backward(Call& call, double epsilon, bool relu) {
  const auto& dy = call.input(0);
  const auto& x = call.input(1);
  const auto& y = relu ? call.input(5) : x;
  const ImageRows rows(x);
  for (const auto* image : {&dy, &y}) {
    TORCH_CHECK(image->sizes() == x.sizes() && image->scalar_type() == at::kFloat, "dy, x and y differ in shape or type");
  }
  const float* output = y.data_ptr<float>();
  const float* gradient = dy.data_ptr<float>();
  const float* values = x.data_ptr<float>();
  const float* scale = rows.vector(call.input(2), "scale");
  const float* mean = rows.vector(call.input(3), "mean");
  const float* variance = rows.vector(call.input(4), "variance");
  const auto [s1, s2] = sums(rows, [&](int64_t row, int64_t count, float* a1, float* a2, double* s1, double* s2) {
    const int64_t at = row * rows.channels;
    if (relu) {
      add_relu_gradients(gradient + at, output + at, values + at, count, rows.channels, mean, a1, a2, s1, s2);
    } else {
      add_gradients(gradient + at, values + at, count, rows.channels, mean, a1, a2, s1, s2);
    }
  });

  // dx = scale/σ · (dy − mean(dy) − normalized · mean(dy · normalized))
  auto d_scale = at::empty({rows.channels}, x.options());
  auto d_offset = at::empty_like(d_scale);
  std::vector<float> factor(rows.channels), slope(rows.channels), shift(rows.channels);
  for (int64_t c = 0; c < rows.channels; c++) {
    const double inverse = 1 / std::sqrt(variance[c] + epsilon);
    const double count = static_cast<double>(rows.count);
    d_scale.data_ptr<float>()[c] = static_cast<float>(s2[c] * inverse);
    d_offset.data_ptr<float>()[c] = static_cast<float>(s1[c]);
    factor[c] = static_cast<float>(scale[c] * inverse);
    slope[c] = static_cast<float>(-scale[c] * inverse * inverse * inverse * s2[c] / count);
    shift[c] = static_cast<float>(-scale[c] * inverse * s1[c] / count);
  }

  auto dx = at::empty(x.sizes(), x.options());
  float* out = dx.data_ptr<float>();
  rows.each_part([&](int64_t part) {
    const int64_t begin = rows.begin(part);
    const int64_t at = begin * rows.channels;
    const int64_t count = rows.begin(part + 1) - begin;
    if (relu) {
      combine_relu(gradient + at, output + at, values + at, count, rows.channels, mean, factor.data(), slope.data(),
                   shift.data(), out + at);
    } else {
      combine(gradient + at, values + at, count, rows.channels, mean, factor.data(), slope.data(), shift.data(),
              out + at);
    }
  });
  call.put(dx);
  call.put(d_scale);
  call.put(d_offset);
}

// The running statistics' new values, behind the batch's.
void put_moved(Call& call, const RunningUpdate& update) {
  const auto mean = call.outputs()[1];
  const auto variance = call.outputs()[2];
  check_channels(call.input(3), mean.numel(), "the running mean");
  check_channels(call.input(4), mean.numel(), "the running variance");
  call.put(call.input(3) * (1 - update.momentum) + mean * update.momentum);
  call.put(call.input(4) * (1 - update.momentum) + variance * update.unbias * update.momentum);
}

void define_both(const char* forward_name, const char* backward_name, bool relu) {
  // Inputs: x, scale, offset and maybe the running mean and variance; outputs: y, the mean, the biased variance and the
  // running statistics' new values.
  define(forward_name, [relu](Call& call) {
    const double epsilon = call.number();
    const double momentum = call.number();
    const RunningUpdate update{momentum, call.number()};
    if (on_device(call.as_stored(0))) return batch_norm_on_device(call, epsilon, update, relu);
    forward(call, epsilon, relu);
    if (call.has(3)) put_moved(call, update);
  });
  // Inputs: dy, x, scale, mean, variance and with ReLU y; outputs: dx, dScale, dOffset.
  define(backward_name, [relu](Call& call) {
    const double epsilon = call.number();
    on_device(call.as_stored(0)) ? batch_norm_gradient_on_device(call, epsilon, relu) : backward(call, epsilon, relu);
  });
}

const bool batch_norm_training_kernels = [] {
  define_both("BatchNormTraining", "BatchNormTrainingGrad", false);
  define_both("BatchNormTrainingRelu", "BatchNormTrainingReluGrad", true);
  return true;
}();

}  // namespace
}  // namespace awp
