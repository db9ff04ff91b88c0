// Work on the weights of a whole network at once. A launch takes up to kMany tensors, whose memory its one argument
// names; each block has kShare neighbouring elements of one of them, or a part of a group.

constexpr int kMany = 64;
constexpr int kShare = 8192;
constexpr int kThreads = 256;

// The tensor that a block works on: the last whose first block is not beyond it.
__device__ inline int tensor_of(const int* first, int tensors) {
  int low = 0;
  int high = tensors;
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    if (first[middle] <= static_cast<int>(blockIdx.x)) low = middle;
    else high = middle;
  }
  return low;
}

// A block's elements of its tensor.
struct Share {
  int64 begin, end;
};

__device__ inline Share share_of(int first, int64 size) {
  const int64 begin = static_cast<int64>(static_cast<int>(blockIdx.x) - first) * kShare;
  return {begin, begin + kShare < size ? begin + kShare : size};
}

// The sum over the threads of a block of kThreads, for its first thread; in two levels, always in the same order.
__device__ inline double block_sum(double own) {
  constexpr int kRow = 16;
  __shared__ double sums[kThreads];
  sums[threadIdx.x] = own;
  __syncthreads();
  double sum = 0;
  if (threadIdx.x < kRow) {
    for (int i = 0; i < kThreads / kRow; i++) sum += sums[threadIdx.x * (kThreads / kRow) + i];
  }
  __syncthreads();
  if (threadIdx.x < kRow) sums[threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.x != 0) return 0;
  sum = 0;
  for (int i = 0; i < kRow; i++) sum += sums[i];
  return sum;
}

// Tensors whose elements form groups: element e is in group (e / stride) mod groups. Each group's elements are cut into
// parts, one for a block.
struct Grouped {
  const float* values[kMany];
  int64 sizes[kMany];
  int64 strides[kMany];
  int groups[kMany];
  int parts[kMany];
  // The first block of each, and the first of its groups among all.
  int first[kMany];
  int first_group[kMany];
  int tensors;
};

// The sum of squares of each part, in double: neither 1e-30 nor 1e30 is lost when squared.
__global__ void square_sums(Grouped many, double* sums) {
  const int t = tensor_of(many.first, many.tensors);
  const int local = static_cast<int>(blockIdx.x) - many.first[t];
  const int group = local / many.parts[t];
  const int part = local % many.parts[t];
  const int64 length = many.sizes[t] / many.groups[t];
  const int64 stride = many.strides[t];
  const float* values = many.values[t] + group * stride;
  double sum = 0;
  const int64 end = length * (part + 1) / many.parts[t];
  for (int64 j = length * part / many.parts[t] + threadIdx.x; j < end; j += blockDim.x) {
    const int64 at = stride >= length ? j : j / stride * stride * many.groups[t] + j % stride;
    const double value = values[at];
    sum += value * value;
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

// The norm of each group from its parts' sums; one block for a group.
__global__ void group_norms(Grouped many, const double* sums, float* norms) {
  const int t = tensor_of(many.first_group, many.tensors);
  const int group = static_cast<int>(blockIdx.x) - many.first_group[t];
  const double* parts = sums + many.first[t] + static_cast<int64>(group) * many.parts[t];
  double sum = 0;
  for (int i = threadIdx.x; i < many.parts[t]; i += blockDim.x) sum += parts[i];
  sum = block_sum(sum);
  if (threadIdx.x == 0) norms[blockIdx.x] = static_cast<float>(sqrt(sum));
}

// The norm of all of them together, by one block.
__global__ void total_norm(const double* sums, int64 count, float* norm) {
  double sum = 0;
  for (int64 i = threadIdx.x; i < count; i += blockDim.x) sum += sums[i];
  sum = block_sum(sum);
  if (threadIdx.x == 0) *norm = static_cast<float>(sqrt(sum));
}

// Directions with their groups, see Grouped, and the length of each in norms of its group.
struct Rescaled {
  const float* directions[kMany];
  float* results[kMany];
  int64 sizes[kMany];
  int64 strides[kMany];
  double lengths[kMany];
  int groups[kMany];
  int first[kMany];
  int first_group[kMany];
  int tensors;
};

// length · norm · d / ‖d‖ for each group, 0 where d is 0.
__global__ void rescale(Rescaled many, const float* norms, const float* direction_norms) {
  const int t = tensor_of(many.first, many.tensors);
  const Share share = share_of(many.first[t], many.sizes[t]);
  for (int64 e = share.begin + threadIdx.x; e < share.end; e += blockDim.x) {
    const int64 group = many.first_group[t] + (many.groups[t] == 1 ? 0 : e / many.strides[t] % many.groups[t]);
    const double own = direction_norms[group];
    const double factor = norms[group] * many.lengths[t] / (own > 0 ? own : 1);
    many.results[t][e] = static_cast<float>(many.directions[t][e] * factor);
  }
}

struct Sums {
  const float* bases[kMany];
  const float* addends[kMany];
  float* results[kMany];
  int64 sizes[kMany];
  float factors[kMany];
  int first[kMany];
  int tensors;
};

// base + factor · addend
__global__ void add_scaled(Sums many) {
  const int t = tensor_of(many.first, many.tensors);
  const Share share = share_of(many.first[t], many.sizes[t]);
  for (int64 e = share.begin + threadIdx.x; e < share.end; e += blockDim.x) {
    many.results[t][e] = many.bases[t][e] + many.factors[t] * many.addends[t][e];
  }
}

struct Descents {
  const float* weights[kMany];
  const float* gradients[kMany];
  // Null without momentum.
  const float* buffers[kMany];
  float* new_weights[kMany];
  float* new_buffers[kMany];
  int64 sizes[kMany];
  int first[kMany];
  int tensors;
};

// A step of SGD: buffer' = momentum · buffer + gradient, weight' = weight − rate · direction.
__global__ void descend(Descents many, const float* rate, float momentum, bool nesterov) {
  const int t = tensor_of(many.first, many.tensors);
  const Share share = share_of(many.first[t], many.sizes[t]);
  for (int64 e = share.begin + threadIdx.x; e < share.end; e += blockDim.x) {
    const float gradient = many.gradients[t][e];
    float direction = gradient;
    if (many.buffers[t] != nullptr) {
      const float moved = gradient + momentum * many.buffers[t][e];
      many.new_buffers[t][e] = moved;
      direction = nesterov ? gradient + momentum * moved : moved;
    }
    many.new_weights[t][e] = many.weights[t][e] - *rate * direction;
  }
}

struct Copies {
  const unsigned* sources[kMany];
  unsigned* targets[kMany];
  int64 sizes[kMany];
  int first[kMany];
  int tensors;
};

// Copies of elements of 32 bits.
__global__ void copy_words(Copies many) {
  const int t = tensor_of(many.first, many.tensors);
  const Share share = share_of(many.first[t], many.sizes[t]);
  for (int64 e = share.begin + threadIdx.x; e < share.end; e += blockDim.x) {
    many.targets[t][e] = many.sources[t][e];
  }
}
