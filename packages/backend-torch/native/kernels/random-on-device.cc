#include "kernels/random-on-device.h"

#include <cmath>

namespace awp {
namespace {

constexpr int64_t kMask = 0xffffffff;

// The 32-bit words of an int32 tensor, not negative.
at::Tensor unsigned_words(const at::Tensor& tensor) {
  TORCH_CHECK(tensor.scalar_type() == at::kInt, "keys must be int32");
  return at::bitwise_and(tensor.to(at::kLong), kMask);
}

// [2, 1, 1], filled on the device: a copy from the host could not be captured.
at::Tensor pair(int64_t first, int64_t second, const at::TensorOptions& options) {
  return at::stack({at::full({1, 1}, first, options), at::full({1, 1}, second, options)});
}

// Philox 4x32-10 of the counters [block, row, stream0, stream1]: int64 words [rows, 4 · blocks]. The even and the odd
// words of a counter stand in one tensor each, as the two products of a round do the same to both.
at::Tensor philox_words(const at::Tensor& key, const at::Tensor& rows, int64_t blocks, int64_t stream0,
                        int64_t stream1) {
  const auto options = rows.options();
  const auto shape = std::vector<int64_t>{rows.size(0), blocks};
  auto even = at::stack({at::arange(blocks, options).expand(shape), at::full(shape, stream0, options)});
  auto odd = at::stack({rows.unsqueeze(1).expand(shape), at::full(shape, stream1, options)});
  const auto factors = pair(0xd2511f53, 0xcd9e8d57, options);
  const auto rounds = at::arange(10, options);
  const auto keys = at::bitwise_and(key.view({2, 1, 1}) + pair(0x9e3779b9, 0xbb67ae85, options) * rounds, kMask);
  for (int64_t round = 0; round < 10; round++) {
    const auto products = at::flip(even * factors, {0});
    // The shift keeps the sign, which the mask takes off.
    const auto high = at::bitwise_and(at::bitwise_right_shift(products, 32), kMask);
    even = at::bitwise_xor(at::bitwise_xor(high, odd), keys.narrow(2, round, 1));
    odd = at::bitwise_and(products, kMask);
  }
  return at::stack({even[0], odd[0], even[1], odd[1]}, -1).view({rows.size(0), 4 * blocks});
}

struct DrawnWords {
  std::vector<int64_t> shape;
  // [values, words of each], int64.
  at::Tensor words;
};

DrawnWords drawn_words(Call& call, int64_t words_each) {
  const auto shape = call.integers();
  const int64_t stream0 = static_cast<uint32_t>(call.integer());
  const int64_t stream1 = static_cast<uint32_t>(call.integer());
  int64_t count = 1;
  for (const int64_t size : shape) {
    TORCH_CHECK(size >= 0, "a negative size");
    count *= size;
  }
  const auto key = unsigned_words(call.input(0));
  TORCH_CHECK(key.numel() == 2, "a key of ", key.numel(), " words, want 2");
  // Without rows, everything is one row under the last of keys.
  const auto rows = call.has(1) ? unsigned_words(call.input(1)).flatten() : at::full({1}, kMask, key.options());
  const int64_t row_count = rows.numel();
  TORCH_CHECK(row_count == 0 ? count == 0 : count % row_count == 0, row_count, " rows cannot share ", count,
              " values");
  if (count == 0) return {shape, at::empty({0, words_each}, key.options())};
  const int64_t row_words = count / row_count * words_each;
  const auto words = philox_words(key, rows, (row_words + 3) / 4, stream0, stream1).narrow(1, 0, row_words);
  return {shape, words.reshape({count, words_each})};
}

const bool random_on_device_kernels = [] {
  // Where keys live on the CPU, for the tests alone: the loops in random.cc are faster there.
  define("PhiloxUniformOnDevice", uniform_on_device);
  define("PhiloxNormalOnDevice", normal_on_device);
  define("PhiloxIntegersOnDevice", integers_on_device);
  return true;
}();

}  // namespace

void uniform_on_device(Call& call) {
  const auto [shape, words] = drawn_words(call, 1);
  const auto low = static_cast<float>(call.number());
  const auto high = static_cast<float>(call.number());
  const float last = low < high ? std::nextafter(high, -INFINITY) : high;
  const auto unit = at::mul(at::bitwise_right_shift(words, 8).to(at::kFloat), 0x1p-24);
  const auto value = at::add(at::mul(unit, high - low), low);
  // The sum may round up to `high` itself, which is excluded.
  call.put(at::where(value.lt(high), value, at::full({}, last, value.options())).view(shape));
}

void normal_on_device(Call& call) {
  const auto [shape, words] = drawn_words(call, 2);
  const double mean = call.number();
  const double std = call.number();
  const auto bits = at::bitwise_right_shift(words, 8).to(at::kDouble);
  const auto u = at::mul(at::add(bits.select(1, 0), 1), 0x1p-24);
  const auto v = at::mul(bits.select(1, 1), 0x1p-24);
  const auto normal = at::mul(at::sqrt(at::mul(at::log(u), -2)), at::cos(at::mul(v, 2 * M_PI)));
  call.put(at::add(at::mul(normal, std), mean).to(at::kFloat).view(shape));
}

void integers_on_device(Call& call) {
  const auto [shape, words] = drawn_words(call, 1);
  const auto low = static_cast<int64_t>(call.number());
  const auto range = static_cast<int64_t>(call.number()) - low;
  const auto offset = at::bitwise_and(at::bitwise_right_shift(words * range, 32), kMask);
  call.put(at::add(offset, low).to(at::kInt).view(shape));
}

}  // namespace awp
