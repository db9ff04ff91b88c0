// Pooling over [batch, height, width, channels] with its gradients. The window's kernel size follows it.
#include <cmath>

#include "kernels/window.h"

namespace awp {
namespace {

struct Pool {
  Window window;
  std::vector<int64_t> kernel;

  static Pool read(Call& call) {
    Pool pool{Window::read(call), call.integers()};
    TORCH_CHECK(pool.kernel.size() == 2 && pool.kernel[0] > 0 && pool.kernel[1] > 0,
                "a pooling window wants two positive sizes");
    return pool;
  }
  // torch checks little of this in its backward passes.
  void check(const at::Tensor& x) const {
    TORCH_CHECK(x.numel() > 0 && x.scalar_type() == at::kFloat, "pooling wants a float32 image that is not empty");
    window.output(x.size(2), x.size(3), kernel[0], kernel[1]);
  }
  void check(const at::Tensor& x, const at::Tensor& dy) const {
    check(x);
    const auto output = window.output(x.size(2), x.size(3), kernel[0], kernel[1]);
    TORCH_CHECK(dy.scalar_type() == at::kFloat && dy.size(0) == x.size(0) && dy.size(1) == x.size(1) &&
                    dy.size(2) == output[0] && dy.size(3) == output[1],
                "an output gradient of another shape than the output");
  }
  // torch wants at most half a window of padding, and none of it counted in means.
  bool padded() const { return window.top != 0 || window.bottom != 0 || window.left != 0 || window.right != 0; }
  at::Tensor pad(const at::Tensor& x, double value) const {
    return padded() ? at::constant_pad_nd(x, {window.left, window.right, window.top, window.bottom}, value) : x;
  }
  at::Tensor crop(const at::Tensor& x, int64_t height, int64_t width) const {
    return padded() ? x.narrow(2, window.top, height).narrow(3, window.left, width) : x;
  }
};

// tfjs compares with `>`, which no NaN passes.
at::Tensor without_nan(const at::Tensor& x) { return at::nan_to_num(x, -INFINITY, INFINITY, -INFINITY); }

constexpr int64_t kNoPadding[] = {0, 0};

std::tuple<at::Tensor, at::Tensor> max_pool(const Pool& pool, const at::Tensor& padded) {
  return at::max_pool2d_with_indices(padded, pool.kernel, pool.window.stride, kNoPadding, pool.window.dilation, false);
}

at::Tensor mean_pool(const Pool& pool, const at::Tensor& padded) {
  return at::avg_pool2d(padded, pool.kernel, pool.window.stride, kNoPadding, false, true);
}

// The fraction of each window that lies inside the image: means leave the padding out.
at::Tensor coverage(const Pool& pool, int64_t height, int64_t width, const at::TensorOptions& options) {
  return mean_pool(pool, pool.pad(at::ones({1, 1, height, width}, options), 0));
}

const bool pooling_kernels = [] {
  define("MaxPool", [](Call& call) {
    const auto pool = Pool::read(call);
    const auto x = image(call.input(0));
    pool.check(x);
    call.put(from_image(std::get<0>(max_pool(pool, pool.pad(without_nan(x), -INFINITY)))));
  });
  define("MaxPoolGrad", [](Call& call) {
    const auto pool = Pool::read(call);
    const auto x = image(call.input(1));
    pool.check(x, image(call.input(0)));
    const auto padded = pool.pad(without_nan(x), -INFINITY);
    const auto indices = std::get<1>(max_pool(pool, padded));
    const auto dx =
        at::max_pool2d_with_indices_backward(image(call.input(0)), padded, pool.kernel, pool.window.stride, kNoPadding,
                                             pool.window.dilation, false, indices);
    call.put(from_image(pool.crop(dx, x.size(2), x.size(3))));
  });
  define("AvgPool", [](Call& call) {
    const auto pool = Pool::read(call);
    const auto x = image(call.input(0));
    pool.check(x);
    auto result = mean_pool(pool, pool.pad(x, 0));
    if (pool.padded()) result = result / coverage(pool, x.size(2), x.size(3), x.options());
    call.put(from_image(result));
  });
  define("AvgPoolGrad", [](Call& call) {
    const auto pool = Pool::read(call);
    const auto x = image(call.input(1));
    pool.check(x, image(call.input(0)));
    const auto dy = image(call.input(0));
    // tfjs divides by the whole window here, padding and all, though not in the forward pass.
    const auto padded = pool.pad(x, 0);
    const auto dx = at::avg_pool2d_backward(dy, padded, pool.kernel, pool.window.stride, kNoPadding, false, true,
                                            c10::optional<int64_t>());
    call.put(from_image(pool.crop(dx, x.size(2), x.size(3))));
  });
  return true;
}();

}  // namespace
}  // namespace awp
