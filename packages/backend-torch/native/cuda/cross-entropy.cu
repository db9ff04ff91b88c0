// Cross-entropy of rows of logits under their labels; one block of kRowThreads for a row. A label out of range is no class.

constexpr int kRowThreads = 32;

struct Softmax {
  float largest, sum;
};

// The largest logit of a row, what is not a number left aside, and the sum of e^(logit − largest), which that reaches.
template <typename T>
__device__ inline Softmax softmax_of(const T* row, int classes) {
  __shared__ float room[kRowThreads];
  const float lowest = -__uint_as_float(0x7f800000u);
  float largest = lowest;
  for (int c = threadIdx.x; c < classes; c += kRowThreads) {
    const float value = widened(row[c]);
    if (value > largest) largest = value;
  }
  room[threadIdx.x] = largest;
  __syncthreads();
  for (int i = 0; i < kRowThreads; i++) {
    if (room[i] > largest) largest = room[i];
  }
  __syncthreads();
  float sum = 0;
  for (int c = threadIdx.x; c < classes; c += kRowThreads) sum += expf(widened(row[c]) - largest);
  room[threadIdx.x] = sum;
  __syncthreads();
  sum = 0;
  for (int i = 0; i < kRowThreads; i++) sum += room[i];
  return {largest, sum};
}

// −log softmax(logits)_label
template <typename T>
__global__ void cross_entropy(const T* logits, const int* labels, int classes, float* loss) {
  const T* row = logits + static_cast<int64>(blockIdx.x) * classes;
  const int label = labels[blockIdx.x];
  const Softmax softmax = softmax_of(row, classes);
  if (threadIdx.x != 0) return;
  const bool is_class = label >= 0 && label < classes;
  loss[blockIdx.x] = is_class ? logf(softmax.sum) - (widened(row[label]) - softmax.largest) : 0.0f;
}

// dy · (softmax(logits) − onehot(label))
template <typename T>
__global__ void cross_entropy_gradient(const float* dy, const T* logits, const int* labels, int classes, float* result) {
  const int64 begin = static_cast<int64>(blockIdx.x) * classes;
  const int label = labels[blockIdx.x];
  const Softmax softmax = softmax_of(logits + begin, classes);
  for (int c = threadIdx.x; c < classes; c += kRowThreads) {
    const float probability = expf(widened(logits[begin + c]) - softmax.largest) / softmax.sum;
    result[begin + c] = dy[blockIdx.x] * (probability - (c == label ? 1.0f : 0.0f));
  }
}
