#include "kernels/weights-on-device.h"

#include "device/launch.h"

namespace awp {
namespace cuda {
#include "cuda/weights.cu"
}  // namespace cuda

namespace {

const auto square_sums = device_kernel("weights", "square_sums", cuda::square_sums);
const auto group_norms = device_kernel("weights", "group_norms", cuda::group_norms);
const auto total_norm = device_kernel("weights", "total_norm", cuda::total_norm);
const auto rescale = device_kernel("weights", "rescale", cuda::rescale);
const auto add_scaled = device_kernel("weights", "add_scaled", cuda::add_scaled);
const auto descend = device_kernel("weights", "descend", cuda::descend);
const auto copy_words = device_kernel("weights", "copy_words", cuda::copy_words);

constexpr cuda::Extent kShareBlock{cuda::kThreads};

int64_t shares(int64_t elements) { return (elements + cuda::kShare - 1) / cuda::kShare; }

// Fills and launches the argument of a kernel over shares of the tensors, those that are not empty, kMany at a time:
// put(argument, place, tensor) names a tensor's memory, run(argument, blocks) launches.
template <typename Argument, typename Put, typename Run>
void by_shares(const Tensors& tensors, Put put, Run run) {
  Argument argument{};
  int64_t blocks = 0;
  const auto flush = [&] {
    if (argument.tensors > 0) run(argument, cuda::Extent{static_cast<unsigned>(blocks)});
    argument.tensors = 0;
    blocks = 0;
  };
  for (size_t i = 0; i < tensors.size(); i++) {
    if (tensors[i].numel() == 0) continue;
    const int place = argument.tensors++;
    argument.sizes[place] = tensors[i].numel();
    argument.first[place] = static_cast<int>(blocks);
    put(argument, place, i);
    blocks += shares(tensors[i].numel());
    if (argument.tensors == cuda::kMany) flush();
  }
  flush();
}

// The argument of the launches for norms, and how many blocks and groups they have.
struct NormBatch {
  cuda::Grouped grouped{};
  int64_t blocks = 0;
  int64_t groups = 0;
  int64_t first_block = 0;
  int64_t first_group = 0;
};

std::vector<NormBatch> norm_batches(const Tensors& tensors, const std::vector<Grouping>& groupings) {
  std::vector<NormBatch> batches(1);
  for (size_t i = 0; i < tensors.size(); i++) {
    if (batches.back().grouped.tensors == cuda::kMany) {
      const NormBatch& last = batches.back();
      NormBatch next;
      next.first_block = last.first_block + last.blocks;
      next.first_group = last.first_group + last.groups;
      batches.push_back(next);
    }
    NormBatch& batch = batches.back();
    const int64_t groups = groupings[i].groups;
    if (groups == 0) continue;
    const int place = batch.grouped.tensors++;
    const int64_t length = tensors[i].numel() / groups;
    const int64_t parts = std::max<int64_t>(1, shares(length));
    batch.grouped.values[place] = device_data<float>(tensors[i]);
    batch.grouped.sizes[place] = tensors[i].numel();
    batch.grouped.strides[place] = groupings[i].stride;
    batch.grouped.groups[place] = static_cast<int>(groups);
    batch.grouped.parts[place] = static_cast<int>(parts);
    batch.grouped.first[place] = static_cast<int>(batch.blocks);
    batch.grouped.first_group[place] = static_cast<int>(batch.groups);
    batch.blocks += groups * parts;
    batch.groups += groups;
  }
  return batches;
}

cuda::Extent grid(int64_t blocks) { return {static_cast<unsigned>(blocks)}; }

}  // namespace

at::Tensor norms_on_device(const Tensors& tensors, const std::vector<Grouping>& groupings, bool together) {
  const auto options = at::TensorOptions(device()).dtype(at::kFloat);
  const auto batches = norm_batches(tensors, groupings);
  const int64_t groups = batches.back().first_group + batches.back().groups;
  const int64_t blocks = batches.back().first_block + batches.back().blocks;
  const auto sums = at::empty({blocks}, options.dtype(at::kDouble));
  const auto norms = at::empty({together ? 1 : groups}, options);
  for (const auto& batch : batches) {
    if (batch.blocks == 0) continue;
    double* own = device_data<double>(sums) + batch.first_block;
    launch(square_sums, grid(batch.blocks), kShareBlock, batch.grouped, own);
    if (together) continue;
    launch(group_norms, grid(batch.groups), kShareBlock, batch.grouped, own,
           device_data<float>(norms) + batch.first_group);
  }
  if (together) launch(total_norm, {1}, kShareBlock, device_data<double>(sums), blocks, device_data<float>(norms));
  return norms;
}

void rescale_on_device(const Tensors& directions, const std::vector<Grouping>& groupings, bool together,
                       const at::Tensor& norms, const std::vector<double>& lengths, const Tensors& results) {
  const auto direction_norms = norms_on_device(directions, groupings, together);
  const auto places = norm_places(groupings, together);
  const auto put = [&](cuda::Rescaled& many, int place, size_t i) {
    many.directions[place] = device_data<float>(directions[i]);
    many.results[place] = device_data<float>(results[i]);
    many.strides[place] = groupings[i].stride;
    many.lengths[place] = lengths[i];
    many.groups[place] = static_cast<int>(groupings[i].groups);
    many.first_group[place] = static_cast<int>(places.first[i]);
  };
  by_shares<cuda::Rescaled>(directions, put, [&](const cuda::Rescaled& many, cuda::Extent blocks) {
    launch(rescale, blocks, kShareBlock, many, device_data<float>(norms), device_data<float>(direction_norms));
  });
}

void add_scaled_on_device(const Tensors& bases, const Tensors& addends, const std::vector<double>& factors,
                          const Tensors& results) {
  const auto put = [&](cuda::Sums& many, int place, size_t i) {
    many.bases[place] = device_data<float>(bases[i]);
    many.addends[place] = device_data<float>(addends[i]);
    many.results[place] = device_data<float>(results[i]);
    many.factors[place] = static_cast<float>(factors[i]);
  };
  by_shares<cuda::Sums>(bases, put, [&](const cuda::Sums& many, cuda::Extent blocks) {
    launch(add_scaled, blocks, kShareBlock, many);
  });
}

void descend_on_device(const Descent& descent, const Tensors& weights, const Tensors& gradients, const Tensors& buffers,
                       const Tensors& new_weights, const Tensors& new_buffers) {
  const auto put = [&](cuda::Descents& many, int place, size_t i) {
    many.weights[place] = device_data<float>(weights[i]);
    many.gradients[place] = device_data<float>(gradients[i]);
    many.new_weights[place] = device_data<float>(new_weights[i]);
    many.buffers[place] = buffers.empty() ? nullptr : device_data<float>(buffers[i]);
    many.new_buffers[place] = buffers.empty() ? nullptr : device_data<float>(new_buffers[i]);
  };
  by_shares<cuda::Descents>(weights, put, [&](const cuda::Descents& many, cuda::Extent blocks) {
    launch(descend, blocks, kShareBlock, many, device_data<float>(descent.rate), static_cast<float>(descent.momentum),
           descent.nesterov);
  });
}

void copy_on_device(const Tensors& targets, const Tensors& sources) {
  const auto put = [&](cuda::Copies& many, int place, size_t i) {
    many.sources[place] = static_cast<const unsigned*>(sources[i].data_ptr());
    many.targets[place] = static_cast<unsigned*>(targets[i].data_ptr());
  };
  by_shares<cuda::Copies>(targets, put, [&](const cuda::Copies& many, cuda::Extent blocks) {
    launch(copy_words, blocks, kShareBlock, many);
  });
}

}  // namespace awp
