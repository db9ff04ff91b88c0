// The cross-entropy of each row of logits under its label, and its gradient. A label out of range is no class.
#include <ATen/Parallel.h>

#include <cmath>

#include "device/launch.h"
#include "kernels/call.h"

namespace awp {
namespace cuda {
#include "cuda/cross-entropy.cu"
}  // namespace cuda

namespace {

template <typename T>
const auto cross_entropy = device_kernel<T>("cross-entropy", "cross_entropy", cuda::cross_entropy<T>);
template <typename T>
const auto cross_entropy_gradient =
    device_kernel<T>("cross-entropy", "cross_entropy_gradient", cuda::cross_entropy_gradient<T>);

constexpr cuda::Extent kRowBlock{cuda::kRowThreads};

// Logits with their labels, as they stand in memory.
struct LabelledRows {
  at::Tensor logits, labels;
  int64_t count, classes;

  LabelledRows(const at::Tensor& given, const at::Tensor& classes_of)
      : logits(given.contiguous()), labels(classes_of), count(0), classes(0) {
    TORCH_CHECK(logits.dim() == 2 && labels.dim() == 1 && labels.size(0) == logits.size(0), "labels of sizes ",
                labels.sizes(), " for logits of sizes ", logits.sizes());
    TORCH_CHECK(labels.scalar_type() == at::kInt, "labels of type ", labels.scalar_type(), ", want int32");
    count = logits.size(0);
    classes = logits.size(1);
  }
  at::Tensor result(at::IntArrayRef sizes) const { return at::empty(sizes, logits.options().dtype(at::kFloat)); }
  cuda::Extent grid() const { return {static_cast<unsigned>(count)}; }
};

struct Softmax {
  float largest, sum;
};

Softmax softmax_of(const float* row, int64_t classes) {
  float largest = -INFINITY;
  for (int64_t c = 0; c < classes; c++) largest = row[c] > largest ? row[c] : largest;
  double sum = 0;
  for (int64_t c = 0; c < classes; c++) sum += std::exp(row[c] - largest);
  return {largest, static_cast<float>(sum)};
}

// run(row, its logits, its label) for each row.
template <typename Run>
void each_row(const LabelledRows& rows, Run run) {
  const float* logits = rows.logits.data_ptr<float>();
  const int* labels = rows.labels.data_ptr<int>();
  const int64_t grain = std::max<int64_t>(1, (1 << 13) / std::max<int64_t>(1, rows.classes));
  at::parallel_for(0, rows.count, grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) run(row, logits + row * rows.classes, labels[row]);
  });
}

void forward_on_cpu(const LabelledRows& rows, float* loss) {
  each_row(rows, [&](int64_t row, const float* logits, int64_t label) {
    const auto [largest, sum] = softmax_of(logits, rows.classes);
    loss[row] = label >= 0 && label < rows.classes ? std::log(sum) - (logits[label] - largest) : 0.0f;
  });
}

void backward_on_cpu(const LabelledRows& rows, const float* dy, float* result) {
  each_row(rows, [&](int64_t row, const float* logits, int64_t label) {
    const auto [largest, sum] = softmax_of(logits, rows.classes);
    float* own = result + row * rows.classes;
    for (int64_t c = 0; c < rows.classes; c++) {
      own[c] = dy[row] * (std::exp(logits[c] - largest) / sum - (c == label ? 1.0f : 0.0f));
    }
  });
}

const bool cross_entropy_kernels = [] {
  define("SparseCrossEntropy", [](Call& call) {
    const bool device_route = on_device(call.as_stored(0));
    const LabelledRows rows(device_route ? call.as_stored(0) : call.input(0), call.input(1));
    const auto loss = rows.result({rows.count});
    if (!device_route) {
      forward_on_cpu(rows, loss.data_ptr<float>());
    } else if (rows.count > 0) {
      with_float_type(rows.logits, [&]<typename T>() {
        launch(cross_entropy<T>, rows.grid(), kRowBlock, device_data<T>(rows.logits), device_data<int>(rows.labels),
               static_cast<int>(rows.classes), device_data<float>(loss));
      });
    }
    call.put(loss);
  });
  define("SparseCrossEntropyGrad", [](Call& call) {
    const bool device_route = on_device(call.as_stored(1));
    const auto& dy = call.input(0);
    const LabelledRows rows(device_route ? call.as_stored(1) : call.input(1), call.input(2));
    TORCH_CHECK(dy.dim() == 1 && dy.size(0) == rows.count, "a gradient of sizes ", dy.sizes(), " for ", rows.count,
                " rows");
    const auto result = rows.result({rows.count, rows.classes});
    if (!device_route) {
      backward_on_cpu(rows, dy.data_ptr<float>(), result.data_ptr<float>());
    } else if (rows.count > 0) {
      with_float_type(rows.logits, [&]<typename T>() {
        launch(cross_entropy_gradient<T>, rows.grid(), kRowBlock, device_data<float>(dy), device_data<T>(rows.logits),
               device_data<int>(rows.labels), static_cast<int>(rows.classes), device_data<float>(result));
      });
    }
    call.put(result);
  });
  return true;
}();

}  // namespace
}  // namespace awp
