#include "device/device.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#ifdef AWP_CUDA
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGraphsC10Utils.h>
#include <c10/cuda/CUDAStream.h>
#endif

namespace awp {

#ifdef AWP_CUDA

namespace {

// The number that a launcher gives this process among those of its machine: torchrun's or Slurm's. Each has a device.
int index_on_machine() {
  for (const char* name : {"LOCAL_RANK", "SLURM_LOCALID"}) {
    const char* variable = std::getenv(name);
    if (variable != nullptr && *variable != '\0') return std::max(0, std::atoi(variable));
  }
  return 0;
}

}  // namespace

#endif

at::Device& device() {
  static at::Device chosen(at::kCPU);
  return chosen;
}

bool& device_routes() {
  static bool chosen = false;
  return chosen;
}

void choose_device() {
  const char* variable = std::getenv("AWP_TORCH_DEVICE");
  const std::string wanted = variable == nullptr ? "" : variable;
  TORCH_CHECK(wanted.empty() || wanted == "cpu" || wanted == "cuda", "AWP_TORCH_DEVICE: got ", wanted,
              ", want cpu or cuda");
#ifdef AWP_CUDA
  // Not at::hasCUDA(), which is true of a libtorch that knows CUDA on a machine without a device.
  const bool has_cuda = c10::cuda::device_count() > 0;
#else
  const bool has_cuda = false;
#endif
  TORCH_CHECK(wanted != "cuda" || has_cuda, "AWP_TORCH_DEVICE is cuda, and the addon finds no CUDA device");
  if (wanted == "cpu" || !has_cuda) return;
#ifdef AWP_CUDA
  device() = at::Device(at::kCUDA, index_on_machine() % c10::cuda::device_count());
  c10::cuda::set_device(device().index());
  // Starts CUDA's context and allocator, which the figures of memory want.
  at::empty({1}, at::TensorOptions(device()));
  c10::cuda::setCurrentCUDAStream(c10::cuda::getStreamFromPool(false, device().index()));
  // cuDNN loads NVRTC by its bare name, which Python's torch makes known and Node does not: here libtorch does, from its
  // own folders. Without it some of cuDNN's algorithms are missing, and no others.
  try {
    static_cast<void>(at::globalContext().getNVRTC());
  } catch (const std::exception&) {
  }
  // The fastest algorithm for each shape, found at its first use.
  at::globalContext().setBenchmarkCuDNN(true);
#endif
}

#ifdef AWP_CUDA

void synchronize() {
  if (device().is_cuda()) c10::cuda::getCurrentCUDAStream().synchronize();
}

bool capturing() {
  return device().is_cuda() &&
         c10::cuda::currentStreamCaptureStatusMayInitCtx() != c10::cuda::CaptureStatus::None;
}

std::optional<DeviceMemory> device_memory() {
  if (!device().is_cuda()) return {};
  const auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(device().index());
  // The first of each is the sum over all pools.
  const auto& allocated = stats.allocated_bytes[0];
  const auto& reserved = stats.reserved_bytes[0];
  return DeviceMemory{static_cast<double>(allocated.current), static_cast<double>(allocated.peak),
                      static_cast<double>(reserved.current), static_cast<double>(reserved.peak)};
}

void reset_peak_memory() {
  if (device().is_cuda()) c10::cuda::CUDACachingAllocator::resetPeakStats(device().index());
}

#else

void synchronize() {}
bool capturing() { return false; }
std::optional<DeviceMemory> device_memory() { return {}; }
void reset_peak_memory() {}

#endif

}  // namespace awp
