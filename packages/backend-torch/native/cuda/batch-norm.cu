// Batch normalisation by the batch's statistics over [rows, channels], with the ReLU behind it, and its gradient: two
// launches each. The first sums over the rows; the last of its blocks to end makes coefficients per channel of the
// sums, and the second launch applies them to the images.
//
// A thread has kWidth neighbouring channels, which it loads at once, and every so many rows of its block's part. It
// sums up to kFloatRows of them in float32, centred as well as the pivot or the mean does, and everything beyond in
// double: threads of a block in groups, parts in their order, whichever block ends last. So the same images give the
// same bits, and the sums are as accurate as those on the CPU.

constexpr int kWidth = 4;
constexpr int kFloatRows = 32;
constexpr int kMostColumns = 8;
constexpr int kMostThreads = 512;
// The threads of a column are added up in so many groups, if there are as many.
constexpr int kGroups = 8;

// The rows and channels of a thread: blockIdx.x is the tile of channels, blockIdx.y the part of the rows.
struct Place {
  int64 first, end, step;
  int channel;
  bool inside;

  __device__ Place(int64 rows, int channels, int width) {
    const int64 each = (rows + gridDim.y - 1) / gridDim.y;
    const int64 begin = each * blockIdx.y;
    end = begin + each < rows ? begin + each : rows;
    first = begin + threadIdx.y;
    step = blockDim.y;
    channel = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x) * width;
    inside = channel < channels;
  }
};

// A thread's channels of a vector.
template <int W>
__device__ inline void of_channels(const float* vector, const Place& place, float (&values)[W]) {
  for (int i = 0; i < W; i++) values[i] = vector[place.channel + i];
}

// The memory of a block: for each thread the sums of kWidth channels.
struct Room {
  double sums[2 * kWidth][kMostThreads];
  float pivots[kMostColumns][kWidth];
  bool is_last;
};

// Adds up `sums` over the threads of a column; the first thread of each column has the results.
template <int N>
__device__ void add_in_block(double (&sums)[N], Room& room) {
  const unsigned at = threadIdx.y * blockDim.x + threadIdx.x;
  for (int i = 0; i < N; i++) room.sums[i][at] = sums[i];
  const unsigned groups = blockDim.y < kGroups ? blockDim.y : kGroups;
  __syncthreads();
  if (threadIdx.y < groups) {
    for (unsigned y = threadIdx.y + groups; y < blockDim.y; y += groups) {
      for (int i = 0; i < N; i++) sums[i] += room.sums[i][y * blockDim.x + threadIdx.x];
    }
    for (int i = 0; i < N; i++) room.sums[i][at] = sums[i];
  }
  __syncthreads();
  if (threadIdx.y == 0) {
    for (unsigned y = 1; y < groups; y++) {
      for (int i = 0; i < N; i++) sums[i] += room.sums[i][y * blockDim.x + threadIdx.x];
    }
  }
  __syncthreads();
}

// Adds up two sums per channel over all blocks of a tile. `parts` has room for [part, 2, channels], `ended` a zero for
// each tile, and has it again behind. True in the block that ends last, where the first row of threads has the totals.
template <int W>
__device__ bool add_over_parts(const Place& place, int channels, double (&sums)[2 * W], double* parts,
                               unsigned* ended, Room& room) {
  add_in_block(sums, room);
  if (threadIdx.y == 0 && place.inside) {
    double* part = parts + static_cast<int64>(blockIdx.y) * 2 * channels + place.channel;
    for (int i = 0; i < W; i++) {
      part[i] = sums[i];
      part[channels + i] = sums[W + i];
    }
  }
  // What this block wrote stands before it is counted.
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0 && threadIdx.y == 0) {
    room.is_last = atomicAdd(&ended[blockIdx.x], 1) == gridDim.y - 1;
    if (room.is_last) ended[blockIdx.x] = 0;
  }
  __syncthreads();
  if (!room.is_last) return false;
  __threadfence();
  for (int i = 0; i < 2 * W; i++) sums[i] = 0;
  if (place.inside) {
    for (unsigned p = threadIdx.y; p < gridDim.y; p += blockDim.y) {
      const double* part = parts + static_cast<int64>(p) * 2 * channels + place.channel;
      for (int i = 0; i < W; i++) {
        sums[i] += part[i];
        sums[W + i] += part[channels + i];
      }
    }
  }
  add_in_block(sums, room);
  return true;
}

// What the statistics are made of, and where they go; all but x, parts and ended are [channels].
struct Statistics {
  int64 rows;
  int channels;
  double epsilon;
  const float *scale, *offset;
  // Room, see add_over_parts.
  double* parts;
  unsigned* ended;
  float *mean, *variance, *factor, *shift;
  // Null, or the running statistics, which keep `rest` and move by `momentum` towards the mean and the variance times `unbias`.
  const float *running_mean, *running_variance;
  float *moved_mean, *moved_variance;
  float momentum, rest, unbias;
};

__device__ inline void finish_statistics(const Statistics& to, int channel, float pivot, double first, double second) {
  const double count = static_cast<double>(to.rows);
  const double rest = first / count;
  const double exact = pivot + rest;
  const double difference = second / count - rest * rest;
  const double spread = difference < 0 ? 0 : difference;
  const float mean = static_cast<float>(exact);
  const float variance = static_cast<float>(spread);
  const double slope = to.scale[channel] / sqrt(spread + to.epsilon);
  to.mean[channel] = mean;
  to.variance[channel] = variance;
  to.factor[channel] = static_cast<float>(slope);
  // What rounding took from the mean comes back here.
  to.shift[channel] = static_cast<float>(to.offset[channel] - (exact - mean) * slope);
  if (to.running_mean == nullptr) return;
  to.moved_mean[channel] = to.running_mean[channel] * to.rest + mean * to.momentum;
  to.moved_variance[channel] = to.running_variance[channel] * to.rest + variance * to.unbias * to.momentum;
}

template <typename T, int W>
__device__ void statistics_of(const T* x, const Statistics& to, Room& room) {
  const Place place(to.rows, to.channels, W);
  // A value near each channel's mean, about which squares are summed without cancellation: the mean of one row for
  // each row of threads, spread over all, the same in every block.
  double sums[2 * W] = {};
  if (place.inside) {
    float row[W];
    load<W>(x + to.rows * threadIdx.y / blockDim.y * to.channels + place.channel, row);
    for (int i = 0; i < W; i++) sums[i] = row[i];
  }
  add_in_block(sums, room);
  if (threadIdx.y == 0) {
    for (int i = 0; i < W; i++) room.pivots[threadIdx.x][i] = static_cast<float>(sums[i] / blockDim.y);
  }
  __syncthreads();
  float pivot[W];
  for (int i = 0; i < W; i++) pivot[i] = room.pivots[threadIdx.x][i];

  for (int i = 0; i < 2 * W; i++) sums[i] = 0;
  if (place.inside) {
    for (int64 row = place.first; row < place.end;) {
      float stretch[2 * W] = {};
      UNROLLED
      for (int n = 0; n < kFloatRows && row < place.end; n++, row += place.step) {
        float values[W];
        load<W>(x + row * to.channels + place.channel, values);
        for (int i = 0; i < W; i++) {
          const float centered = values[i] - pivot[i];
          stretch[i] += centered;
          stretch[W + i] += centered * centered;
        }
      }
      for (int i = 0; i < 2 * W; i++) sums[i] += stretch[i];
    }
  }
  if (!add_over_parts<W>(place, to.channels, sums, to.parts, to.ended, room)) return;
  if (threadIdx.y != 0 || !place.inside) return;
  for (int i = 0; i < W; i++) finish_statistics(to, place.channel + i, pivot[i], sums[i], sums[W + i]);
}

// Whether the channels of a row can be loaded kWidth at a time.
template <typename T>
__global__ void batch_norm_statistics(const T* x, Statistics to, bool wide) {
  __shared__ Room room;
  if (wide) {
    statistics_of<T, kWidth>(x, to, room);
  } else {
    statistics_of<T, 1>(x, to, room);
  }
}

// y = (x − mean) · factor + shift; with `relu` 0 below 0.
template <typename T, int W>
__device__ void normalize_all(const T* x, int64 rows, int channels, const float* mean, const float* factor,
                              const float* shift, bool relu, T* y) {
  const Place place(rows, channels, W);
  if (!place.inside) return;
  float means[W], factors[W], shifts[W];
  of_channels(mean, place, means);
  of_channels(factor, place, factors);
  of_channels(shift, place, shifts);
  UNROLLED
  for (int64 row = place.first; row < place.end; row += place.step) {
    float values[W];
    load<W>(x + row * channels + place.channel, values);
    for (int i = 0; i < W; i++) {
      values[i] = (values[i] - means[i]) * factors[i] + shifts[i];
      if (relu && values[i] < 0) values[i] = 0;
    }
    store<W>(values, y + row * channels + place.channel);
  }
}

template <typename T>
__global__ void batch_norm_apply(const T* x, int64 rows, int channels, const float* mean, const float* factor,
                                 const float* shift, bool relu, T* y, bool wide) {
  if (wide) {
    normalize_all<T, kWidth>(x, rows, channels, mean, factor, shift, relu, y);
  } else {
    normalize_all<T, 1>(x, rows, channels, mean, factor, shift, relu, y);
  }
}

// What the sums of the gradient become; all but parts and ended are [channels].
struct Gradients {
  int64 rows;
  int channels;
  double epsilon;
  const float *scale, *mean, *variance;
  double* parts;
  unsigned* ended;
  float *d_scale, *d_offset;
  // dx = dy · factor + (x − mean) · slope + shift
  float *factor, *slope, *shift;
};

__device__ inline void finish_gradients(const Gradients& to, int channel, double first, double second) {
  // dx = scale/σ · (dy − mean(dy) − normalized · mean(dy · normalized))
  const double count = static_cast<double>(to.rows);
  const double inverse = 1 / sqrt(to.variance[channel] + to.epsilon);
  const double scale = to.scale[channel];
  to.d_scale[channel] = static_cast<float>(second * inverse);
  to.d_offset[channel] = static_cast<float>(first);
  to.factor[channel] = static_cast<float>(scale * inverse);
  to.slope[channel] = static_cast<float>(-scale * inverse * inverse * inverse * second / count);
  to.shift[channel] = static_cast<float>(-scale * inverse * first / count);
}

// The gradient that reaches the normalisation: with y, the ReLU's output, only where that is above 0.
template <int W, typename G, typename T>
__device__ inline void load_gradient(const G* dy, const T* y, int64 at, float* values) {
  load<W>(dy + at, values);
  if (y == nullptr) return;
  float output[W];
  load<W>(y + at, output);
  for (int i = 0; i < W; i++) {
    if (!(output[i] > 0)) values[i] = 0;
  }
}

template <typename G, typename T, int W>
__device__ void gradients_of(const G* dy, const T* x, const T* y, const Gradients& to, Room& room) {
  const Place place(to.rows, to.channels, W);
  double sums[2 * W] = {};
  if (place.inside) {
    float means[W];
    of_channels(to.mean, place, means);
    for (int64 row = place.first; row < place.end;) {
      float stretch[2 * W] = {};
      UNROLLED
      for (int n = 0; n < kFloatRows && row < place.end; n++, row += place.step) {
        const int64 at = row * to.channels + place.channel;
        float values[W], gradient[W];
        load<W>(x + at, values);
        load_gradient<W>(dy, y, at, gradient);
        for (int i = 0; i < W; i++) {
          stretch[i] += gradient[i];
          stretch[W + i] += gradient[i] * (values[i] - means[i]);
        }
      }
      for (int i = 0; i < 2 * W; i++) sums[i] += stretch[i];
    }
  }
  if (!add_over_parts<W>(place, to.channels, sums, to.parts, to.ended, room)) return;
  if (threadIdx.y != 0 || !place.inside) return;
  for (int i = 0; i < W; i++) finish_gradients(to, place.channel + i, sums[i], sums[W + i]);
}

template <typename G, typename T>
__global__ void batch_norm_gradients(const G* dy, const T* x, const T* y, Gradients to, bool wide) {
  __shared__ Room room;
  if (wide) {
    gradients_of<G, T, kWidth>(dy, x, y, to, room);
  } else {
    gradients_of<G, T, 1>(dy, x, y, to, room);
  }
}

template <typename G, typename T, int W>
__device__ void combine_all(const G* dy, const T* x, const T* y, const Gradients& with, T* dx) {
  const Place place(with.rows, with.channels, W);
  if (!place.inside) return;
  float means[W], factors[W], slopes[W], shifts[W];
  of_channels(with.mean, place, means);
  of_channels(with.factor, place, factors);
  of_channels(with.slope, place, slopes);
  of_channels(with.shift, place, shifts);
  UNROLLED
  for (int64 row = place.first; row < place.end; row += place.step) {
    const int64 at = row * with.channels + place.channel;
    float values[W], gradient[W];
    load<W>(x + at, values);
    load_gradient<W>(dy, y, at, gradient);
    for (int i = 0; i < W; i++) values[i] = gradient[i] * factors[i] + (values[i] - means[i]) * slopes[i] + shifts[i];
    store<W>(values, dx + at);
  }
}

template <typename G, typename T>
__global__ void batch_norm_input_gradient(const G* dy, const T* x, const T* y, Gradients with, T* dx, bool wide) {
  if (wide) {
    combine_all<G, T, kWidth>(dy, x, y, with, dx);
  } else {
    combine_all<G, T, 1>(dy, x, y, with, dx);
  }
}

// Batch normalisation by given statistics; scale and offset may be null, for 1 and 0.
template <typename T, int W>
__device__ void infer_all(const T* x, int64 rows, int channels, const float* mean, const float* variance,
                          const float* offset, const float* scale, float epsilon, T* y) {
  const Place place(rows, channels, W);
  if (!place.inside) return;
  float means[W], factors[W], shifts[W];
  for (int i = 0; i < W; i++) {
    const int channel = place.channel + i;
    means[i] = mean[channel];
    factors[i] = (scale == nullptr ? 1.0f : scale[channel]) / sqrtf(variance[channel] + epsilon);
    shifts[i] = offset == nullptr ? 0.0f : offset[channel];
  }
  UNROLLED
  for (int64 row = place.first; row < place.end; row += place.step) {
    float values[W];
    load<W>(x + row * channels + place.channel, values);
    for (int i = 0; i < W; i++) values[i] = (values[i] - means[i]) * factors[i] + shifts[i];
    store<W>(values, y + row * channels + place.channel);
  }
}

template <typename T>
__global__ void batch_norm_inference(const T* x, int64 rows, int channels, const float* mean, const float* variance,
                                     const float* offset, const float* scale, float epsilon, T* y, bool wide) {
  if (wide) {
    infer_all<T, kWidth>(x, rows, channels, mean, variance, offset, scale, epsilon, y);
  } else {
    infer_all<T, 1>(x, rows, channels, mean, variance, offset, scale, epsilon, y);
  }
}
