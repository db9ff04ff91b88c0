// What is done to all weights of a network at once: the norms of their groups, perturbations of a length, sums, and the
// optimizer's step. On the CPU each is one pass in which norms are summed in double, in parts of a fixed size: results do
// not depend on the number of threads.
#include <cmath>

#include "kernels/channel-loops.h"
#include "kernels/weights-on-device.h"

namespace awp {
namespace {

constexpr int64_t kPart = 1 << 16;

enum class Scaling { kLayer, kFilter, kGlobal };

Scaling read_scaling(Call& call) {
  const int64_t code = call.integer();
  TORCH_CHECK(code >= 0 && code <= 2, "no scaling has the code ", code);
  return static_cast<Scaling>(code);
}

// A filter is what one index of the last axis has; a vector is one, and so is a layer.
Grouping grouping_of(const at::Tensor& tensor, Scaling scaling) {
  if (scaling != Scaling::kFilter || tensor.dim() <= 1) return {1, std::max<int64_t>(1, tensor.numel())};
  const int64_t filters = tensor.size(-1);
  // The stride of an axis of length 1 means nothing.
  return filters == 1 ? Grouping{1, std::max<int64_t>(1, tensor.numel())}
                      : Grouping{filters, std::max<int64_t>(1, tensor.stride(-1))};
}

std::vector<Grouping> groupings_of(const Tensors& tensors, Scaling scaling) {
  std::vector<Grouping> groupings;
  for (const auto& tensor : tensors) groupings.push_back(grouping_of(tensor, scaling));
  return groupings;
}

AWP_VECTORS double square_sum(const float* __restrict values, int64_t count) {
  constexpr int64_t kLanes = 16;
  double sums[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int64_t lane = 0; lane < kLanes; lane++) {
      const double value = values[i + lane];
      sums[lane] += value * value;
    }
  }
  for (; i < count; i++) sums[0] += static_cast<double>(values[i]) * values[i];
  double sum = 0;
  for (const double lane : sums) sum += lane;
  return sum;
}

// Adds to the sums the squares of the elements from begin to end, each to that of its group.
void add_squares(const float* values, const Grouping& grouping, int64_t begin, int64_t end, double* sums) {
  if (grouping.stride == 1) {
    for (int64_t at = begin; at < end; at++) sums[at % grouping.groups] += static_cast<double>(values[at]) * values[at];
    return;
  }
  for (int64_t at = begin; at < end;) {
    const int64_t run = std::min(end, (at / grouping.stride + 1) * grouping.stride);
    sums[at / grouping.stride % grouping.groups] += square_sum(values + at, run - at);
    at = run;
  }
}

// The sums of squares of all groups, one after the other.
std::vector<double> square_sums_on_cpu(const Tensors& tensors, const std::vector<Grouping>& groupings) {
  std::vector<double> all;
  for (size_t i = 0; i < tensors.size(); i++) {
    const auto& grouping = groupings[i];
    const int64_t size = tensors[i].numel();
    const int64_t parts = (size + kPart - 1) / kPart;
    const float* values = tensors[i].data_ptr<float>();
    std::vector<double> sums(parts * grouping.groups);
    at::parallel_for(0, parts, 1, [&](int64_t first, int64_t last) {
      for (int64_t part = first; part < last; part++) {
        add_squares(values, grouping, part * kPart, std::min(size, (part + 1) * kPart), &sums[part * grouping.groups]);
      }
    });
    const size_t begin = all.size();
    all.resize(begin + grouping.groups);
    for (int64_t part = 0; part < parts; part++) {
      for (int64_t group = 0; group < grouping.groups; group++) all[begin + group] += sums[part * grouping.groups + group];
    }
  }
  return all;
}

std::vector<double> norms_on_cpu(const Tensors& tensors, const std::vector<Grouping>& groupings, bool together) {
  auto sums = square_sums_on_cpu(tensors, groupings);
  if (together) {
    double total = 0;
    for (const double sum : sums) total += sum;
    sums = {total};
  }
  for (double& sum : sums) sum = std::sqrt(sum);
  return sums;
}

AWP_VECTORS void scale(const float* __restrict x, int64_t count, double factor, float* __restrict y) {
  for (int64_t i = 0; i < count; i++) y[i] = static_cast<float>(x[i] * factor);
}

void rescale_on_cpu(const Tensors& directions, const std::vector<Grouping>& groupings, bool together,
                    const at::Tensor& norms, const std::vector<double>& lengths, const Tensors& results) {
  const auto own = norms_on_cpu(directions, groupings, together);
  const float* given = norms.data_ptr<float>();
  const auto places = norm_places(groupings, together);
  for_elements(directions, [&](size_t i, int64_t begin, int64_t end) {
    const auto& [count, stride] = groupings[i];
    for (int64_t at = begin; at < end;) {
      const int64_t group = places.first[i] + (count == 1 ? 0 : at / stride % count);
      const int64_t run = count == 1 ? end : std::min(end, (at / stride + 1) * stride);
      const double factor = given[group] * lengths[i] / (own[group] > 0 ? own[group] : 1);
      scale(directions[i].data_ptr<float>() + at, run - at, factor, results[i].data_ptr<float>() + at);
      at = run;
    }
  });
}

AWP_VECTORS void add_scaled_on_cpu(const float* __restrict a, const float* __restrict b, int64_t count, float factor,
                                   float* __restrict y) {
  for (int64_t i = 0; i < count; i++) y[i] = a[i] + factor * b[i];
}

AWP_VECTORS void descend_plainly(const float* __restrict weights, const float* __restrict direction, int64_t count,
                                 float rate, float* __restrict results) {
  for (int64_t i = 0; i < count; i++) results[i] = weights[i] - rate * direction[i];
}

AWP_VECTORS void descend_with_momentum(const float* __restrict weights, const float* __restrict gradients,
                                       const float* __restrict buffers, int64_t count, float rate, float momentum,
                                       bool nesterov, float* __restrict new_weights, float* __restrict new_buffers) {
  for (int64_t i = 0; i < count; i++) {
    const float moved = gradients[i] + momentum * buffers[i];
    new_buffers[i] = moved;
    new_weights[i] = weights[i] - rate * (nesterov ? gradients[i] + momentum * moved : moved);
  }
}

void descend_on_cpu(const Descent& descent, const Tensors& weights, const Tensors& gradients, const Tensors& buffers,
                    const Tensors& new_weights, const Tensors& new_buffers) {
  const float rate = descent.rate.data_ptr<float>()[0];
  const auto momentum = static_cast<float>(descent.momentum);
  const auto at = [](const Tensors& tensors, size_t i, int64_t begin) { return tensors[i].data_ptr<float>() + begin; };
  for_elements(weights, [&](size_t i, int64_t begin, int64_t end) {
    if (buffers.empty()) {
      return descend_plainly(at(weights, i, begin), at(gradients, i, begin), end - begin, rate,
                             at(new_weights, i, begin));
    }
    descend_with_momentum(at(weights, i, begin), at(gradients, i, begin), at(buffers, i, begin), end - begin, rate,
                          momentum, descent.nesterov, at(new_weights, i, begin), at(new_buffers, i, begin));
  });
}

bool all_on_device(const Tensors& tensors) { return !tensors.empty() && on_device(tensors.front()); }

std::vector<double> numbers(Call& call, int64_t count) {
  std::vector<double> values;
  for (int64_t i = 0; i < count; i++) values.push_back(call.number());
  return values;
}

int64_t read_count(Call& call, size_t per_tensor, size_t others) {
  const int64_t count = call.integer();
  TORCH_CHECK(count >= 0 && call.inputs() == others + per_tensor * count, count, " tensors among ", call.inputs(),
              " inputs");
  return count;
}

void put_all(Call& call, const Tensors& tensors) {
  for (const auto& tensor : tensors) call.put_in_any_order(tensor);
}

const bool weights_kernels = [] {
  // Inputs: the tensors; output: the norms of their groups, one after the other.
  define("GroupNorms", [](Call& call) {
    const int64_t count = read_count(call, 1, 0);
    const auto scaling = read_scaling(call);
    const bool together = scaling == Scaling::kGlobal;
    const auto tensors = float_inputs(call, 0, count);
    const auto groupings = groupings_of(tensors, scaling);
    if (all_on_device(tensors)) return call.put(norms_on_device(tensors, groupings, together));
    const auto norms = norms_on_cpu(tensors, groupings, together);
    auto result = at::empty({static_cast<int64_t>(norms.size())}, at::TensorOptions(device()).dtype(at::kFloat));
    for (size_t i = 0; i < norms.size(); i++) result.data_ptr<float>()[i] = static_cast<float>(norms[i]);
    call.put(result);
  });
  // Inputs: the norms to scale by, as GroupNorms puts them, and the directions; outputs: the scaled directions.
  define("GroupRescaled", [](Call& call) {
    const int64_t count = read_count(call, 1, 1);
    const auto scaling = read_scaling(call);
    const bool together = scaling == Scaling::kGlobal;
    const auto lengths = numbers(call, count);
    const auto& norms = call.input(0);
    const auto directions = float_inputs(call, 1, count);
    const auto groupings = groupings_of(directions, scaling);
    const int64_t groups = norm_places(groupings, together).count;
    TORCH_CHECK(norms.scalar_type() == at::kFloat && norms.numel() == groups, norms.numel(), " norms for ", groups,
                " groups");
    const auto results = unfilled_like(directions);
    (all_on_device(directions) ? rescale_on_device : rescale_on_cpu)(directions, groupings, together, norms, lengths,
                                                                      results);
    put_all(call, results);
  });
  // Inputs: the bases, then the addends; outputs: base + factor · addend.
  define("AddScaled", [](Call& call) {
    const int64_t count = read_count(call, 2, 0);
    const auto factors = numbers(call, count);
    const auto bases = float_inputs(call, 0, count);
    const auto addends = float_inputs_like(call, count, bases);
    const auto results = unfilled_like(bases);
    if (all_on_device(bases)) {
      add_scaled_on_device(bases, addends, factors, results);
    } else {
      for_elements(bases, [&](size_t i, int64_t begin, int64_t end) {
        add_scaled_on_cpu(bases[i].data_ptr<float>() + begin, addends[i].data_ptr<float>() + begin, end - begin,
                          static_cast<float>(factors[i]), results[i].data_ptr<float>() + begin);
      });
    }
    put_all(call, results);
  });
  // Inputs: the learning rate, the weights, their gradients and with momentum their buffers; outputs: the new weights
  // and buffers.
  define("SgdUpdate", [](Call& call) {
    const int64_t count = call.integer();
    const bool nesterov = call.flag();
    const bool buffered = call.flag();
    const double momentum = call.number();
    TORCH_CHECK(count >= 0 && call.inputs() == static_cast<size_t>(1 + count * (buffered ? 3 : 2)), count,
                " weights among ", call.inputs(), " inputs");
    const auto& rate = call.input(0);
    TORCH_CHECK(rate.numel() == 1 && rate.scalar_type() == at::kFloat, "a rate of sizes ", rate.sizes());
    const auto weights = float_inputs(call, 1, count);
    const auto gradients = float_inputs_like(call, 1 + count, weights);
    const auto buffers = buffered ? float_inputs_like(call, 1 + 2 * count, weights) : Tensors{};
    const auto new_weights = unfilled_like(weights);
    const auto new_buffers = unfilled_like(buffers);
    (all_on_device(weights) ? descend_on_device : descend_on_cpu)({rate, momentum, nesterov}, weights, gradients,
                                                                   buffers, new_weights, new_buffers);
    put_all(call, new_weights);
    put_all(call, new_buffers);
  });
  return true;
}();

}  // namespace

NormPlaces norm_places(const std::vector<Grouping>& groupings, bool together) {
  NormPlaces places{{}, 0};
  for (const auto& grouping : groupings) {
    places.first.push_back(places.count);
    if (!together) places.count += grouping.groups;
  }
  if (together) places.count = 1;
  return places;
}

}  // namespace awp
