// What every kernel of this folder may use; it stands before each of them, for NVRTC and for the CPU. NVRTC compiles
// without any header: integers are plain ones, and bfloat16 is made of its bits.

// In front of a loop whose loads should be under way four at a time.
#ifndef UNROLLED
#define UNROLLED _Pragma("unroll 4")
#endif

// 64 bits everywhere, as `long` is not.
using int64 = long long;

struct bfloat16 {
  unsigned short bits;
};

__device__ inline float widened(float value) { return value; }
__device__ inline float widened(bfloat16 value) { return __uint_as_float(static_cast<unsigned>(value.bits) << 16); }

__device__ inline void narrow(float value, float& result) { result = value; }
// To the nearest, of two to the even one.
__device__ inline void narrow(float value, bfloat16& result) {
  const unsigned bits = __float_as_uint(value);
  const unsigned rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  result.bits = static_cast<unsigned short>(value != value ? 0x7fc0u : rounded);
}

// N neighbours, which one instruction loads or stores; `at` must be aligned for all of them together.
template <typename T, int N>
struct alignas(sizeof(T) * N) Pack {
  T values[N];
};

template <int N, typename T>
__device__ inline void load(const T* at, float* values) {
  const Pack<T, N> pack = *reinterpret_cast<const Pack<T, N>*>(at);
  for (int i = 0; i < N; i++) values[i] = widened(pack.values[i]);
}

template <int N, typename T>
__device__ inline void store(const float* values, T* at) {
  Pack<T, N> pack;
  for (int i = 0; i < N; i++) narrow(values[i], pack.values[i]);
  *reinterpret_cast<Pack<T, N>*>(at) = pack;
}

// This thread's number among all of a one-dimensional launch, and their count.
__device__ inline int64 thread_number() { return static_cast<int64>(blockIdx.x) * blockDim.x + threadIdx.x; }
__device__ inline int64 thread_count() { return static_cast<int64>(gridDim.x) * blockDim.x; }
