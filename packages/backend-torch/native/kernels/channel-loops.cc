#include "kernels/channel-loops.h"

#include <algorithm>

namespace awp {

AWP_VECTORS void add_moments(const float* __restrict x, int64_t rows, int64_t channels, const float* __restrict pivot,
                             float* __restrict a1, float* __restrict a2, double* __restrict s1,
                             double* __restrict s2) {
  std::fill_n(a1, channels, 0.0f);
  std::fill_n(a2, channels, 0.0f);
  for (int64_t row = 0; row < rows; row++, x += channels) {
    for (int64_t c = 0; c < channels; c++) {
      const float centered = x[c] - pivot[c];
      a1[c] += centered;
      a2[c] += centered * centered;
    }
  }
  for (int64_t c = 0; c < channels; c++) {
    s1[c] += a1[c];
    s2[c] += a2[c];
  }
}

AWP_VECTORS void add_gradients(const float* __restrict dy, const float* __restrict x, int64_t rows, int64_t channels,
                               const float* __restrict mean, float* __restrict a1, float* __restrict a2,
                               double* __restrict s1, double* __restrict s2) {
  std::fill_n(a1, channels, 0.0f);
  std::fill_n(a2, channels, 0.0f);
  for (int64_t row = 0; row < rows; row++, x += channels, dy += channels) {
    for (int64_t c = 0; c < channels; c++) {
      a1[c] += dy[c];
      a2[c] += dy[c] * (x[c] - mean[c]);
    }
  }
  for (int64_t c = 0; c < channels; c++) {
    s1[c] += a1[c];
    s2[c] += a2[c];
  }
}

AWP_VECTORS void add_relu_gradients(const float* __restrict dy, const float* __restrict y, const float* __restrict x,
                                    int64_t rows, int64_t channels, const float* __restrict mean,
                                    float* __restrict a1, float* __restrict a2, double* __restrict s1,
                                    double* __restrict s2) {
  std::fill_n(a1, channels, 0.0f);
  std::fill_n(a2, channels, 0.0f);
  for (int64_t row = 0; row < rows; row++, x += channels, y += channels, dy += channels) {
    for (int64_t c = 0; c < channels; c++) {
      const float gradient = y[c] > 0 ? dy[c] : 0.0f;
      a1[c] += gradient;
      a2[c] += gradient * (x[c] - mean[c]);
    }
  }
  for (int64_t c = 0; c < channels; c++) {
    s1[c] += a1[c];
    s2[c] += a2[c];
  }
}

AWP_VECTORS void normalize(const float* __restrict x, int64_t rows, int64_t channels, const float* __restrict mean,
                           const float* __restrict factor, const float* __restrict shift, float* __restrict y) {
  for (int64_t row = 0; row < rows; row++, x += channels, y += channels) {
    for (int64_t c = 0; c < channels; c++) y[c] = (x[c] - mean[c]) * factor[c] + shift[c];
  }
}

AWP_VECTORS void normalize_relu(const float* __restrict x, int64_t rows, int64_t channels, const float* __restrict mean,
                                const float* __restrict factor, const float* __restrict shift, float* __restrict y) {
  for (int64_t row = 0; row < rows; row++, x += channels, y += channels) {
    for (int64_t c = 0; c < channels; c++) {
      const float value = (x[c] - mean[c]) * factor[c] + shift[c];
      y[c] = value < 0 ? 0.0f : value;
    }
  }
}

AWP_VECTORS void combine(const float* __restrict dy, const float* __restrict x, int64_t rows, int64_t channels,
                         const float* __restrict mean, const float* __restrict factor, const float* __restrict slope,
                         const float* __restrict shift, float* __restrict dx) {
  for (int64_t row = 0; row < rows; row++, x += channels, dy += channels, dx += channels) {
    for (int64_t c = 0; c < channels; c++) dx[c] = dy[c] * factor[c] + (x[c] - mean[c]) * slope[c] + shift[c];
  }
}

AWP_VECTORS void combine_relu(const float* __restrict dy, const float* __restrict y, const float* __restrict x,
                              int64_t rows, int64_t channels, const float* __restrict mean,
                              const float* __restrict factor, const float* __restrict slope,
                              const float* __restrict shift, float* __restrict dx) {
  for (int64_t row = 0; row < rows; row++, x += channels, y += channels, dy += channels, dx += channels) {
    for (int64_t c = 0; c < channels; c++) {
      const float gradient = y[c] > 0 ? dy[c] : 0.0f;
      dx[c] = gradient * factor[c] + (x[c] - mean[c]) * slope[c] + shift[c];
    }
  }
}

AWP_VECTORS void step(const float* __restrict x, int64_t count, float alpha, float* __restrict y) {
  for (int64_t i = 0; i < count; i++) {
    const float rest = x[i] == x[i] ? alpha : x[i];
    y[i] = x[i] > 0 ? 1.0f : rest;
  }
}

}  // namespace awp
