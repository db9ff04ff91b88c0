#include "kernels/winograd.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <vector>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)

#define AWP_AVX512 __attribute__((target("avx512f"), optimize("O3")))

namespace awp {
namespace {

constexpr int64_t kLanes = 16;
// The rows and columns of one product's result that registers hold.
constexpr int64_t kRows = 12;
constexpr int64_t kColumns = 2 * kLanes;
// A tile gives 2 × 2 outputs and reads 4 × 4 inputs, which are as many products.
constexpr int64_t kPoints = 16;
// Tiles that a thread takes at a time, so that what lies between the transforms stays in its cache.
constexpr int64_t kTilesAtOnce = 6 * kRows;

typedef float Vector __attribute__((vector_size(64)));
typedef float Unaligned __attribute__((vector_size(64), aligned(4), may_alias));
typedef int Lanes __attribute__((vector_size(64)));

AWP_AVX512 inline Vector load(const float* from) { return *reinterpret_cast<const Unaligned*>(from); }
AWP_AVX512 inline void store(float* to, Vector value) { *reinterpret_cast<Unaligned*>(to) = value; }

// Transposes 16 × 16: swaps the blocks beside the diagonal, of 8 × 8, then of 4 × 4 within each quarter, and so on.
AWP_AVX512 inline void transpose(Vector (&rows)[kLanes]) {
#pragma GCC unroll 4
  for (int size = 8; size > 0; size /= 2) {
    Lanes above, below;
    for (int lane = 0; lane < kLanes; lane++) {
      above[lane] = lane & size ? 16 + lane - size : lane;
      below[lane] = lane & size ? 16 + lane : lane + size;
    }
#pragma GCC unroll 16
    for (int row = 0; row < kLanes; row++) {
      if (row & size) continue;
      const Vector a = rows[row], b = rows[row | size];
      rows[row] = __builtin_shuffle(a, b, above);
      rows[row | size] = __builtin_shuffle(a, b, below);
    }
  }
}

// G g Gᵀ for 16 filters at once.
AWP_AVX512 inline void transform_filter(const Vector (&g)[3][3], Vector (&u)[kPoints]) {
  Vector half[4][3];
  for (int s = 0; s < 3; s++) {
    const Vector outer = (g[0][s] + g[2][s]) * 0.5f, inner = g[1][s] * 0.5f;
    half[0][s] = g[0][s];
    half[1][s] = outer + inner;
    half[2][s] = outer - inner;
    half[3][s] = g[2][s];
  }
  for (int r = 0; r < 4; r++) {
    const Vector outer = (half[r][0] + half[r][2]) * 0.5f, inner = half[r][1] * 0.5f;
    u[4 * r] = half[r][0];
    u[4 * r + 1] = outer + inner;
    u[4 * r + 2] = outer - inner;
    u[4 * r + 3] = half[r][2];
  }
}

// A product's second factors: for each point and each kColumns of its columns, [depth, kColumns].
struct Factors {
  int64_t depth, columns;
  float* data;
  float* at(int64_t point, int64_t row, int64_t column) const {
    const int64_t panel = column / kColumns * kColumns;
    return data + point * depth * columns + panel * depth + row * kColumns + column - panel;
  }
};

// 16 inputs of 16 outputs' filters.
AWP_AVX512 void pack_for_convolution(const float* filter, int64_t input, int64_t output, const Factors& factors) {
  const int64_t inputs = factors.depth;
  Vector u[kPoints][kLanes];
  for (int64_t lane = 0; lane < kLanes; lane++) {
    const float* at = filter + (output + lane) * 9 * inputs + input;
    Vector g[3][3], points[kPoints];
    for (int64_t r = 0; r < 3; r++) {
      for (int64_t s = 0; s < 3; s++) g[r][s] = load(at + (3 * r + s) * inputs);
    }
    transform_filter(g, points);
    for (int64_t point = 0; point < kPoints; point++) u[point][lane] = points[point];
  }
  for (int64_t point = 0; point < kPoints; point++) {
    transpose(u[point]);
    for (int64_t lane = 0; lane < kLanes; lane++) store(factors.at(point, input + lane, output), u[point][lane]);
  }
}

// The same of the filters turned by 180°, from outputs to inputs.
AWP_AVX512 void pack_for_gradient(const float* filter, int64_t input, int64_t output, const Factors& factors) {
  const int64_t inputs = factors.columns;
  for (int64_t row = output; row < output + kLanes; row++) {
    const float* at = filter + row * 9 * inputs + input;
    Vector g[3][3], points[kPoints];
    for (int64_t r = 0; r < 3; r++) {
      for (int64_t s = 0; s < 3; s++) g[r][s] = load(at + (3 * (2 - r) + 2 - s) * inputs);
    }
    transform_filter(g, points);
    for (int64_t point = 0; point < kPoints; point++) store(factors.at(point, row, input), points[point]);
  }
}

// Bᵀ d B for all channels of a tile, to one row of each point's plane.
AWP_AVX512 void transform_input(const std::array<const float*, 16>& d, int64_t channels, int64_t plane, float* v) {
  for (int64_t c = 0; c < channels; c += kLanes) {
    Vector half[4][4];
#pragma GCC unroll 4
    for (int s = 0; s < 4; s++) {
      const Vector d0 = load(d[s] + c), d1 = load(d[4 + s] + c), d2 = load(d[8 + s] + c), d3 = load(d[12 + s] + c);
      half[0][s] = d0 - d2;
      half[1][s] = d1 + d2;
      half[2][s] = d2 - d1;
      half[3][s] = d1 - d3;
    }
#pragma GCC unroll 4
    for (int r = 0; r < 4; r++) {
      float* out = v + 4 * r * plane + c;
      store(out, half[r][0] - half[r][2]);
      store(out + plane, half[r][1] + half[r][2]);
      store(out + 2 * plane, half[r][2] - half[r][1]);
      store(out + 3 * plane, half[r][1] - half[r][3]);
    }
  }
}

// Aᵀ m A for all channels of a tile, from one row of each point's plane.
AWP_AVX512 void transform_output(const float* m, int64_t plane, int64_t channels, const std::array<float*, 4>& y) {
  for (int64_t c = 0; c < channels; c += kLanes) {
    Vector half[2][4];
#pragma GCC unroll 4
    for (int s = 0; s < 4; s++) {
      const float* in = m + s * plane + c;
      const Vector m0 = load(in), m1 = load(in + 4 * plane), m2 = load(in + 8 * plane), m3 = load(in + 12 * plane);
      half[0][s] = m0 + m1 + m2;
      half[1][s] = m1 - m2 - m3;
    }
#pragma GCC unroll 2
    for (int r = 0; r < 2; r++) {
      store(y[2 * r] + c, half[r][0] + half[r][1] + half[r][2]);
      store(y[2 * r + 1] + c, half[r][1] - half[r][2] - half[r][3]);
    }
  }
}

// kRows rows of `a` times a panel of kColumns columns.
AWP_AVX512 void multiply(const float* a, int64_t depth, const float* panel, float* result, int64_t columns) {
  Vector sum[kRows][2] = {};
  for (int64_t k = 0; k < depth; k++, panel += kColumns) {
    const Vector left = load(panel), right = load(panel + kLanes);
#pragma GCC unroll 12
    for (int64_t row = 0; row < kRows; row++) {
      const float factor = a[row * depth + k];
      sum[row][0] += factor * left;
      sum[row][1] += factor * right;
    }
  }
#pragma GCC unroll 12
  for (int64_t row = 0; row < kRows; row++) {
    store(result + row * columns, sum[row][0]);
    store(result + row * columns + kLanes, sum[row][1]);
  }
}

at::Tensor floats(int64_t count) { return at::empty({count}, at::kFloat); }

// What a thread works in: the transformed inputs and products of some tiles, zeros to read, waste to write.
struct Room {
  int64_t depth, columns;
  // A line more than needed, or all points' rows would meet in the same lines of the cache.
  int64_t inputs_plane = kTilesAtOnce * depth + kLanes, outputs_plane = kTilesAtOnce * columns + kLanes;
  at::Tensor memory = floats(kPoints * (inputs_plane + outputs_plane) + depth + columns);
  float* inputs = memory.data_ptr<float>();
  float* products = inputs + kPoints * inputs_plane;
  float* zeros = products + kPoints * outputs_plane;
  float* waste = zeros + depth;

  Room(int64_t depth, int64_t columns) : depth(depth), columns(columns) { std::fill_n(zeros, depth, 0.0f); }
};

struct Tiles {
  int64_t batch, height, width;
  int64_t down = (height + 1) / 2, across = (width + 1) / 2;
  int64_t count = batch * down * across;

  explicit Tiles(const WinogradShape& shape) : batch(shape.batch), height(shape.height), width(shape.width) {}

  // Where pixel (row, column) of the tile begins in an image of so many channels, counted from its outputs' first
  // pixel; `outside` where the image has none.
  template <typename Float>
  Float* pixel(Float* images, int64_t channels, int64_t tile, int64_t row, int64_t column, Float* outside) const {
    if (tile >= count) return outside;
    const int64_t image = tile / (down * across);
    const int64_t y = tile / across % down * 2 + row, x = tile % across * 2 + column;
    if (y < 0 || x < 0 || y >= height || x >= width) return outside;
    return images + ((image * height + y) * width + x) * channels;
  }
};

void convolve_block(const Tiles& tiles, int64_t begin, int64_t end, const float* x, const Factors& factors, float* y,
                    const Room& room) {
  const int64_t depth = factors.depth, columns = factors.columns;
  const int64_t rows = (end - begin + kRows - 1) / kRows * kRows;
  for (int64_t row = 0; row < rows; row++) {
    std::array<const float*, 16> pixels;
    for (int64_t i = 0; i < 16; i++) {
      pixels[i] = tiles.pixel<const float>(x, depth, begin + row, i / 4 - 1, i % 4 - 1, room.zeros);
    }
    transform_input(pixels, depth, room.inputs_plane, room.inputs + row * depth);
  }
  for (int64_t point = 0; point < kPoints; point++) {
    const float* inputs = room.inputs + point * room.inputs_plane;
    float* products = room.products + point * room.outputs_plane;
    for (int64_t column = 0; column < columns; column += kColumns) {
      const float* panel = factors.at(point, 0, column);
      for (int64_t row = 0; row < rows; row += kRows) {
        multiply(inputs + row * depth, depth, panel, products + row * columns + column, columns);
      }
    }
  }
  for (int64_t tile = begin; tile < end; tile++) {
    std::array<float*, 4> pixels;
    for (int64_t i = 0; i < 4; i++) pixels[i] = tiles.pixel<float>(y, columns, tile, i / 2, i % 2, room.waste);
    transform_output(room.products + (tile - begin) * columns, room.outputs_plane, columns, pixels);
  }
}

using Pack = void (*)(const float*, int64_t, int64_t, const Factors&);

void convolve_tiles(const WinogradShape& shape, const float* x, const float* filter, Pack pack, bool gradient,
                    float* y) {
  const int64_t depth = gradient ? shape.outputs : shape.inputs;
  const int64_t columns = gradient ? shape.inputs : shape.outputs;
  const auto memory = floats(kPoints * depth * columns);
  const Factors factors{depth, columns, memory.data_ptr<float>()};
  const int64_t across = shape.inputs / kLanes;
  at::parallel_for(0, across * (shape.outputs / kLanes), 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) pack(filter, i % across * kLanes, i / across * kLanes, factors);
  });

  const Tiles tiles(shape);
  // No more in a block than give every thread one.
  const int64_t share = (tiles.count + at::get_num_threads() - 1) / at::get_num_threads();
  const int64_t block = std::min(kTilesAtOnce, (share + kRows - 1) / kRows * kRows);
  at::parallel_for(0, (tiles.count + block - 1) / block, 1, [&](int64_t begin, int64_t end) {
    const Room room(depth, columns);
    for (int64_t i = begin; i < end; i++) {
      convolve_block(tiles, i * block, std::min(tiles.count, (i + 1) * block), x, factors, y, room);
    }
  });
}

}  // namespace

bool winograd_fits(const WinogradShape& shape) {
  static const bool has_vectors = __builtin_cpu_supports("avx512f");
  // Whatever the batch, so that no result depends on what else is in it.
  return has_vectors && shape.height >= 4 && shape.width >= 4 && shape.inputs % kColumns == 0 &&
         shape.outputs % kColumns == 0;
}

void winograd_convolution(const WinogradShape& shape, const float* x, const float* filter, float* y) {
  convolve_tiles(shape, x, filter, pack_for_convolution, false, y);
}

void winograd_input_gradient(const WinogradShape& shape, const float* dy, const float* filter, float* dx) {
  convolve_tiles(shape, dy, filter, pack_for_gradient, true, dx);
}

}  // namespace awp

#else

namespace awp {

bool winograd_fits(const WinogradShape&) { return false; }
void winograd_convolution(const WinogradShape&, const float*, const float*, float*) {}
void winograd_input_gradient(const WinogradShape&, const float*, const float*, float*) {}

}  // namespace awp

#endif
