// Noise from Philox 4x32-10 (Salmon et al., SC 2011), the same bits as @awp/core's JavaScript.
//
// Compiled with -ffp-contract=off: each operation on float32 is rounded by itself.
#include <ATen/Parallel.h>

#include <array>
#include <cmath>

#include "kernels/random-on-device.h"

namespace awp {
namespace {

using Block = std::array<uint32_t, 4>;

Block philox(Block counter, uint32_t k0, uint32_t k1) {
  for (int round = 0; round < 10; round++) {
    const uint64_t product0 = uint64_t{0xd2511f53} * counter[0];
    const uint64_t product1 = uint64_t{0xcd9e8d57} * counter[2];
    counter = {static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ k0, static_cast<uint32_t>(product1),
               static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ k1, static_cast<uint32_t>(product0)};
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  return counter;
}

// Without rows, everything is one row under this key.
constexpr uint32_t kNoRow = 0xffffffff;

struct Draw {
  std::vector<int64_t> shape;
  uint32_t stream0, stream1, key0, key1;
  std::vector<uint32_t> rows;
  int64_t count;

  // Inputs: key, rows (may be absent).
  static Draw read(Call& call) {
    Draw draw;
    draw.shape = call.integers();
    draw.stream0 = static_cast<uint32_t>(call.integer());
    draw.stream1 = static_cast<uint32_t>(call.integer());
    draw.count = 1;
    for (const int64_t size : draw.shape) {
      TORCH_CHECK(size >= 0, "a negative size");
      draw.count *= size;
    }
    const auto key = words(call.input(0));
    TORCH_CHECK(key.size() == 2, "a key of ", key.size(), " words, want 2");
    draw.key0 = key[0];
    draw.key1 = key[1];
    draw.rows = call.has(1) ? words(call.input(1)) : std::vector<uint32_t>{kNoRow};
    TORCH_CHECK(draw.rows.empty() ? draw.count == 0 : draw.count % static_cast<int64_t>(draw.rows.size()) == 0,
                draw.rows.size(), " rows cannot share ", draw.count, " values");
    return draw;
  }

  // Calls write(value's index, its words) for every value of `words_each` words (1 or 2).
  template <typename Write>
  void each(int words_each, Write write) const {
    if (count == 0) return;
    const int64_t row_values = count / static_cast<int64_t>(rows.size());
    const int64_t block_values = 4 / words_each;
    const int64_t blocks = (row_values + block_values - 1) / block_values;
    at::parallel_for(0, blocks * static_cast<int64_t>(rows.size()), 2048, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const int64_t row = i / blocks;
        const int64_t block = i % blocks;
        const Block bits = philox({static_cast<uint32_t>(block), rows[row], stream0, stream1}, key0, key1);
        const int64_t first = block * block_values;
        const int64_t values = std::min(block_values, row_values - first);
        for (int64_t v = 0; v < values; v++) write(row * row_values + first + v, &bits[v * words_each]);
      }
    });
  }

 private:
  static std::vector<uint32_t> words(const at::Tensor& tensor) {
    TORCH_CHECK(tensor.scalar_type() == at::kInt, "keys must be int32");
    const auto* data = reinterpret_cast<const uint32_t*>(tensor.data_ptr<int32_t>());
    return {data, data + tensor.numel()};
  }
};

const bool random_kernels = [] {
  define("PhiloxUniform", [](Call& call) {
    if (on_device(call.as_stored(0))) return uniform_on_device(call);
    const auto draw = Draw::read(call);
    const auto low = static_cast<float>(call.number());
    const auto high = static_cast<float>(call.number());
    const float range = high - low;
    const float last = low < high ? std::nextafter(high, -INFINITY) : high;
    auto result = at::empty(draw.shape, at::kFloat);
    auto* out = result.data_ptr<float>();
    draw.each(1, [=](int64_t index, const uint32_t* bits) {
      const float unit = static_cast<float>(bits[0] >> 8) * 0x1p-24f;
      const float value = low + unit * range;
      // The sum may round up to `high` itself, which is excluded.
      out[index] = value < high ? value : last;
    });
    call.put(result);
  });
  define("PhiloxNormal", [](Call& call) {
    if (on_device(call.as_stored(0))) return normal_on_device(call);
    const auto draw = Draw::read(call);
    const double mean = call.number();
    const double std = call.number();
    auto result = at::empty(draw.shape, at::kFloat);
    auto* out = result.data_ptr<float>();
    draw.each(2, [=](int64_t index, const uint32_t* bits) {
      const double u = static_cast<double>((bits[0] >> 8) + 1) * 0x1p-24;
      const double v = static_cast<double>(bits[1] >> 8) * 0x1p-24;
      out[index] = static_cast<float>(mean + std * std::sqrt(-2 * std::log(u)) * std::cos(2 * M_PI * v));
    });
    call.put(result);
  });
  define("PhiloxIntegers", [](Call& call) {
    if (on_device(call.as_stored(0))) return integers_on_device(call);
    const auto draw = Draw::read(call);
    const auto low = static_cast<int64_t>(call.number());
    const auto range = static_cast<uint64_t>(static_cast<int64_t>(call.number()) - low);
    auto result = at::empty(draw.shape, at::kInt);
    auto* out = result.data_ptr<int32_t>();
    draw.each(1, [=](int64_t index, const uint32_t* bits) {
      out[index] = static_cast<int32_t>(low + static_cast<int64_t>((bits[0] * range) >> 32));
    });
    call.put(result);
  });
  return true;
}();

}  // namespace
}  // namespace awp
