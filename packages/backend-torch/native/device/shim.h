#pragma once
// CUDA's language on the CPU, for the files of native/cuda: they are included in namespace awp::cuda behind this. One
// block runs after the other; its threads are fibers, which __syncthreads() lets run in turn.
#include <bit>
#include <cmath>
#include <functional>

// CUDA's own headers, where a source includes them, define these as nothing.
#undef __global__
#undef __device__
#undef __shared__
#define __global__
#define __device__
#define __shared__ static
#define UNROLLED

namespace awp::cuda {

struct Extent {
  unsigned x = 1, y = 1, z = 1;
};

extern Extent threadIdx, blockIdx, blockDim, gridDim;

// Waits for all threads of the block.
void __syncthreads();

inline void __threadfence() {}
inline unsigned atomicAdd(unsigned* address, unsigned value) {
  const unsigned before = *address;
  *address += value;
  return before;
}
inline float __uint_as_float(unsigned bits) { return std::bit_cast<float>(bits); }
inline unsigned __float_as_uint(float value) { return std::bit_cast<unsigned>(value); }

// Runs the body once for each thread of each block, always in the same order. Every other block begins with its last
// thread, so that a __syncthreads() that is missing shows. A thread that ends where others wait is an error.
void run_on_cpu(Extent grid, Extent block, const std::function<void()>& body);

#include "cuda/prelude.h"

}  // namespace awp::cuda
