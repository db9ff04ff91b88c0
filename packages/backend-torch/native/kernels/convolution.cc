// Convolutions with their gradients. Filters come as [height, width, in, out]; torch wants their elements in another
// order, in which a filter stays from its first use on, and with it what is computed from it element by element.
#include "kernels/activation.h"
#include "kernels/window.h"
#include "kernels/winograd.h"

#include <optional>

namespace awp {
namespace {

// [height, width, in, out] → [out, in, height, width], channels last.
at::Tensor packed_filter(Call& call, size_t index) {
  const auto& filter = call.in_any_order(index);
  TORCH_CHECK(filter.dim() == 4, "a filter of rank ", filter.dim(), ", want 4");
  const auto view = filter.permute({3, 2, 0, 1});
  if (!view.is_contiguous(at::MemoryFormat::ChannelsLast)) {
    call.store_reordered(index, view.contiguous(at::MemoryFormat::ChannelsLast).permute({2, 3, 1, 0}));
  }
  return call.converted(index, product_type()).permute({3, 2, 0, 1}).contiguous(at::MemoryFormat::ChannelsLast);
}

// [height, width, in, multiplier] → [in · multiplier, 1, height, width]
at::Tensor depthwise_filter(const at::Tensor& filter) {
  TORCH_CHECK(filter.dim() == 4 && filter.numel() > 0, "a filter of sizes ", filter.sizes());
  return filter.permute({2, 3, 0, 1}).reshape({filter.size(2) * filter.size(3), 1, filter.size(0), filter.size(1)});
}

// oneDNN refuses some geometries (padding beyond the window, for one) that torch's own loops can do.
template <typename Compute>
auto with_retry(Compute compute) {
  auto& context = at::globalContext();
  try {
    return compute();
  } catch (const std::exception&) {
    if (!context.userEnabledMkldnn()) throw;
  }
  struct Plain {
    Plain() { at::globalContext().setUserEnabledMkldnn(false); }
    ~Plain() { at::globalContext().setUserEnabledMkldnn(true); }
  } plain;
  return compute();
}

// torch checks little of this in its backward passes, and divides by sizes that are 0.
void check(at::IntArrayRef x, at::IntArrayRef filter, at::IntArrayRef dy, const Window& window, int64_t groups) {
  for (const auto& sizes : {x, filter, dy}) {
    for (const int64_t size : sizes) TORCH_CHECK(size > 0, "a convolution of nothing");
  }
  TORCH_CHECK(x[1] == filter[1] * groups && filter[0] % groups == 0, "a filter for ", filter[1] * groups,
              " channels, an image with ", x[1]);
  const auto output = window.output(x[2], x[3], filter[2], filter[3]);
  TORCH_CHECK(dy.empty() || (dy[0] == x[0] && dy[1] == filter[0] && dy[2] == output[0] && dy[3] == output[1]),
              "an output gradient of [", dy, "], the output has height ", output[0], " and width ", output[1]);
}

// The shape of a convolution that Winograd's filtering is faster for, of float32 on the CPU.
std::optional<WinogradShape> winograd_shape(at::IntArrayRef x, const at::Tensor& filter, const at::Tensor& images,
                                            const Window& window, int64_t groups) {
  const WinogradShape shape{x[0], x[2], x[3], filter.size(1), filter.size(0)};
  const auto plain = [](const at::Tensor& tensor) {
    return !on_device(tensor) && tensor.scalar_type() == at::kFloat &&
           tensor.is_contiguous(at::MemoryFormat::ChannelsLast);
  };
  const bool fits = groups == 1 && filter.size(2) == 3 && filter.size(3) == 3 && window.is_plain_border_of_one() &&
                    plain(images) && plain(filter) && winograd_fits(shape);
  return fits ? std::optional(shape) : std::nullopt;
}

at::Tensor convolve(const at::Tensor& x, const at::Tensor& filter, const Window& window, int64_t groups = 1) {
  check(x.sizes(), filter.sizes(), {}, window, groups);
  if (const auto shape = winograd_shape(x.sizes(), filter, x, window, groups)) {
    auto y = placeholder(x, {x.size(0), filter.size(0), x.size(2), x.size(3)});
    winograd_convolution(*shape, x.data_ptr<float>(), filter.data_ptr<float>(), y.data_ptr<float>());
    return y;
  }
  return with_retry([&] {
    return at::convolution(window.pad(x), filter, {}, window.stride, window.padding(), window.dilation, false, {0, 0},
                           groups);
  });
}

at::Tensor input_gradient(const at::Tensor& dy, const at::Tensor& filter, const std::vector<int64_t>& sizes,
                          const Window& window, int64_t groups = 1) {
  check(sizes, filter.sizes(), dy.sizes(), window, groups);
  if (const auto shape = winograd_shape(sizes, filter, dy, window, groups)) {
    auto dx = placeholder(dy, sizes);
    winograd_input_gradient(*shape, dy.data_ptr<float>(), filter.data_ptr<float>(), dx.data_ptr<float>());
    return dx;
  }
  const auto x = placeholder(dy, window.padded(sizes));
  const auto gradients = with_retry([&] {
    return at::convolution_backward(dy, x, filter, at::OptionalIntArrayRef(), window.stride, window.padding(),
                                    window.dilation, false, {0, 0}, groups, {true, false, false});
  });
  return window.crop(std::get<0>(gradients), sizes[2], sizes[3]);
}

at::Tensor filter_gradient(const at::Tensor& dy, const at::Tensor& x, at::IntArrayRef sizes, const Window& window,
                           int64_t groups = 1) {
  check(x.sizes(), sizes, dy.sizes(), window, groups);
  const auto filter = placeholder(dy, sizes);
  const auto gradients = with_retry([&] {
    return at::convolution_backward(dy, window.pad(x), filter, at::OptionalIntArrayRef(), window.stride,
                                    window.padding(), window.dilation, false, {0, 0}, groups, {false, true, false});
  });
  return std::get<1>(gradients);
}

const bool convolution_kernels = [] {
  define("Conv2D", [](Call& call) {
    const auto window = Window::read(call);
    call.put(from_image(convolve(image(call.factor(0)), packed_filter(call, 1), window)));
  });
  define("FusedConv2D", [](Call& call) {
    const auto window = Window::read(call);
    auto result = from_image(convolve(image(call.factor(0)), packed_filter(call, 1), window));
    // In the type of the product: a bias in float32 would widen it.
    if (call.has(2)) result = result + call.as_stored(2).to(result.scalar_type());
    call.put(activate(call, 3, result));
  });
  define("Conv2DBackpropInput", [](Call& call) {
    const auto window = Window::read(call);
    const auto sizes = image_sizes(call.integers());
    call.put(from_image(input_gradient(image(call.factor(0)), packed_filter(call, 1), sizes, window)));
  });
  define("Conv2DBackpropFilter", [](Call& call) {
    const auto window = Window::read(call);
    const auto shape = call.integers();
    TORCH_CHECK(shape.size() == 4, "a filter of rank ", shape.size(), ", want 4");
    const auto gradient = filter_gradient(image(call.factor(1)), image(call.factor(0)),
                                          {shape[3], shape[2], shape[0], shape[1]}, window);
    // Weights and what the optimizer makes of their gradients stay in float32.
    call.put_in_any_order(gradient.permute({2, 3, 1, 0}).to(at::kFloat));
  });

  define("DepthwiseConv2dNative", [](Call& call) {
    const auto window = Window::read(call);
    const auto x = image(call.input(0));
    call.put(from_image(convolve(x, depthwise_filter(call.input(1)), window, x.size(1))));
  });
  define("DepthwiseConv2dNativeBackpropInput", [](Call& call) {
    const auto window = Window::read(call);
    const auto sizes = image_sizes(call.integers());
    const auto filter = depthwise_filter(call.input(1));
    call.put(from_image(input_gradient(image(call.input(0)), filter, sizes, window, sizes[1])));
  });
  define("DepthwiseConv2dNativeBackpropFilter", [](Call& call) {
    const auto window = Window::read(call);
    const auto shape = call.integers();
    TORCH_CHECK(shape.size() == 4, "a filter of rank ", shape.size(), ", want 4");
    const auto gradient = filter_gradient(image(call.input(1)), image(call.input(0)),
                                          {shape[2] * shape[3], 1, shape[0], shape[1]}, window, shape[2]);
    call.put(gradient.reshape({shape[2], shape[3], shape[0], shape[1]}).permute({2, 3, 0, 1}));
  });
  return true;
}();

}  // namespace
}  // namespace awp
