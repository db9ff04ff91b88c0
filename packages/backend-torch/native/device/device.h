#pragma once
// Where tensors live, and what CUDA needs beyond ATen: this file's implementation and graph.cc alone call its API.
#include <ATen/ATen.h>

#include <optional>

namespace awp {

// Whether this was built against a libtorch with CUDA; a device there may be all the same, or not.
#ifdef AWP_CUDA
constexpr bool kCuda = true;
#else
constexpr bool kCuda = false;
#endif

// Where tensors live: set once, before the first of them.
at::Device& device();

// Chooses $AWP_TORCH_DEVICE, or CUDA where there is one. Everything there runs on one stream of this thread's own: no
// graph can be captured on the default one.
void choose_device();

// Waits until the device has done what it was given; the CPU has when a call returns.
void synchronize();

// Whether a CUDA graph is being captured: nothing may wait for the device then.
bool capturing();

// Whether kernels for CUDA are taken on the CPU too: for tests, one for the process.
bool& device_routes();

// Whether a kernel takes its route for CUDA with that tensor.
inline bool on_device(const at::Tensor& tensor) { return tensor.is_cuda() || device_routes(); }

// Bytes of the device's memory that tensors have, and that the allocator holds for them, at present and at most so far.
struct DeviceMemory {
  double allocated, peak_allocated, reserved, peak_reserved;
};

// Nothing on the CPU.
std::optional<DeviceMemory> device_memory();

// Forgets the peaks so far.
void reset_peak_memory();

}  // namespace awp
