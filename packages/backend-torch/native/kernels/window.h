#pragma once
// The geometry of a convolution or a pooling, and NHWC tensors as torch sees them.
#include <array>

#include "kernels/call.h"

namespace awp {

// A window as JavaScript sends it: strides, dilations, then the padding before and after each of height and width.
struct Window {
  std::vector<int64_t> stride;
  std::vector<int64_t> dilation;
  int64_t top, bottom, left, right;

  static Window read(Call& call) {
    const auto values = call.integers();
    TORCH_CHECK(values.size() == 8, "a window of ", values.size(), " numbers");
    Window window{{values[0], values[1]}, {values[2], values[3]}, values[4], values[5], values[6], values[7]};
    TORCH_CHECK(window.top >= 0 && window.bottom >= 0 && window.left >= 0 && window.right >= 0,
                "padding must not be negative");
    TORCH_CHECK(window.stride[0] > 0 && window.stride[1] > 0 && window.dilation[0] > 0 && window.dilation[1] > 0,
                "strides and dilations must be positive");
    return window;
  }

  // Steps of one over an image with a border of one zero.
  bool is_plain_border_of_one() const {
    return stride[0] == 1 && stride[1] == 1 && dilation[0] == 1 && dilation[1] == 1 && top == 1 && bottom == 1 &&
           left == 1 && right == 1;
  }
  bool symmetric() const { return top == bottom && left == right; }
  std::vector<int64_t> padding() const {
    return symmetric() ? std::vector<int64_t>{top, left} : std::vector<int64_t>{0, 0};
  }
  // The height and the width of what a window of that size makes of an image.
  std::array<int64_t, 2> output(int64_t height, int64_t width, int64_t window_height, int64_t window_width) const {
    const int64_t down = height + top + bottom - dilation[0] * (window_height - 1) - 1;
    const int64_t across = width + left + right - dilation[1] * (window_width - 1) - 1;
    TORCH_CHECK(down >= 0 && across >= 0, "a window of ", window_height, " × ", window_width, " on an image of ", height,
                " × ", width);
    return {down / stride[0] + 1, across / stride[1] + 1};
  }
  // torch pads both sides alike; what it cannot express is padded here.
  at::Tensor pad(const at::Tensor& image, double value = 0) const {
    return symmetric() ? image : at::constant_pad_nd(image, {left, right, top, bottom}, value);
  }
  // The sizes that `pad` makes of those of a [batch, channels, height, width] image.
  std::vector<int64_t> padded(std::vector<int64_t> sizes) const {
    if (!symmetric()) {
      sizes[2] += top + bottom;
      sizes[3] += left + right;
    }
    return sizes;
  }
  // The inverse of `pad`.
  at::Tensor crop(const at::Tensor& image, int64_t height, int64_t width) const {
    return symmetric() ? image : image.narrow(2, top, height).narrow(3, left, width);
  }
};

// NHWC memory is NCHW in the format channels_last: no copy in either direction.
inline at::Tensor image(const at::Tensor& nhwc) {
  TORCH_CHECK(nhwc.dim() == 4, "an image of rank ", nhwc.dim(), ", want 4");
  return nhwc.permute({0, 3, 1, 2});
}
inline at::Tensor from_image(const at::Tensor& nchw) { return nchw.permute({0, 2, 3, 1}); }

inline std::vector<int64_t> image_sizes(const std::vector<int64_t>& nhwc) {
  TORCH_CHECK(nhwc.size() == 4, "an image of rank ", nhwc.size(), ", want 4");
  return {nhwc[0], nhwc[3], nhwc[1], nhwc[2]};
}

// Memory of that shape, not filled: torch's gradients want tensors of which they need the shapes alone.
inline at::Tensor placeholder(const at::Tensor& like, at::IntArrayRef sizes) {
  return at::empty(sizes, like.options(), at::MemoryFormat::ChannelsLast);
}

}  // namespace awp
