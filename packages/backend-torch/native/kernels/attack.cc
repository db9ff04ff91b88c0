// What an attack does to each pixel between two passes: a step within the threat model, and a slope that can be followed.
#include <ATen/Parallel.h>

#include "device/launch.h"
#include "kernels/call.h"
#include "kernels/channel-loops.h"

namespace awp {
namespace cuda {
#include "cuda/attack.cu"
}  // namespace cuda

namespace {

const auto sign_step = device_kernel("attack", "sign_step", cuda::sign_step);
const auto bounded_slope = device_kernel("attack", "bounded_slope", cuda::bounded_slope);

constexpr unsigned kThreads = 256;
constexpr int64_t kMostBlocks = 2048;

cuda::Extent blocks_for(int64_t count) {
  return {static_cast<unsigned>(std::min(kMostBlocks, (count + kThreads - 1) / int64_t{kThreads}))};
}

AWP_VECTORS void sign_step_on_cpu(const float* __restrict images, const float* __restrict gradient,
                                  const float* __restrict origin, int64_t count, float length, float radius, float low,
                                  float high, float* __restrict result) {
  for (int64_t i = 0; i < count; i++) {
    const float slope = gradient[i];
    const float zero = slope == 0 ? 0.0f : slope;
    const float sign = slope > 0 ? 1.0f : slope < 0 ? -1.0f : zero;
    const float least = origin[i] - radius;
    const float most = origin[i] + radius;
    float moved = images[i] + sign * length;
    moved = moved < least || least != least ? least : moved;
    moved = moved > most ? most : moved;
    moved = moved < low ? low : moved;
    result[i] = moved > high ? high : moved;
  }
}

AWP_VECTORS void bounded_slope_on_cpu(const float* __restrict slope, int64_t count, float bound,
                                      float* __restrict result) {
  for (int64_t i = 0; i < count; i++) {
    float value = slope[i] > bound ? bound : slope[i];
    value = value < -bound ? -bound : value;
    result[i] = value == value ? value : 0.0f;
  }
}

const bool attack_kernels = [] {
  // Inputs: the images, the gradient and the images that the ball is around.
  define("SignStep", [](Call& call) {
    const auto length = static_cast<float>(call.number());
    const auto radius = static_cast<float>(call.number());
    const auto low = static_cast<float>(call.number());
    const auto high = static_cast<float>(call.number());
    const auto& images = call.input(0);
    const auto& gradient = call.input(1);
    const auto& origin = call.input(2);
    TORCH_CHECK(gradient.sizes() == images.sizes() && origin.sizes() == images.sizes(), "tensors of three shapes");
    const auto result = at::empty(images.sizes(), images.options());
    const int64_t count = images.numel();
    const float *x = images.data_ptr<float>(), *g = gradient.data_ptr<float>(), *o = origin.data_ptr<float>();
    float* y = result.data_ptr<float>();
    if (!on_device(images)) {
      at::parallel_for(0, count, kGrain, [=](int64_t begin, int64_t end) {
        sign_step_on_cpu(x + begin, g + begin, o + begin, end - begin, length, radius, low, high, y + begin);
      });
    } else if (count > 0) {
      launch(sign_step, blocks_for(count), {kThreads}, x, g, o, count, length, radius, low, high, y);
    }
    call.put(result);
  });
  define("BoundedSlope", [](Call& call) {
    const auto bound = static_cast<float>(call.number());
    const auto& slope = call.input(0);
    const auto result = at::empty(slope.sizes(), slope.options());
    const int64_t count = slope.numel();
    const float* x = slope.data_ptr<float>();
    float* y = result.data_ptr<float>();
    if (!on_device(slope)) {
      at::parallel_for(0, count, kGrain, [=](int64_t begin, int64_t end) {
        bounded_slope_on_cpu(x + begin, end - begin, bound, y + begin);
      });
    } else if (count > 0) {
      launch(bounded_slope, blocks_for(count), {kThreads}, x, count, bound, y);
    }
    call.put(result);
  });
  return true;
}();

}  // namespace
}  // namespace awp
