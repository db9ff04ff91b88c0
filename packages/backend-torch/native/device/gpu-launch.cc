// The kernels of native/cuda on a GPU: each file compiled for it once, by the driver's own interface.
#include "device/launch.h"

#ifdef AWP_CUDA
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>

#include <mutex>

#include "device/nvrtc.h"
#endif

namespace awp {

#ifdef AWP_CUDA

namespace {

template <typename... Parameters>
void check_driver(const char* name, Parameters... parameters) {
  const int status = reinterpret_cast<int (*)(Parameters...)>(nvrtc_symbol(name))(parameters...);
  if (status == 0) return;
  const char* message = nullptr;
  reinterpret_cast<int (*)(int, const char**)>(nvrtc_symbol("cuGetErrorString"))(status, &message);
  TORCH_CHECK(false, name, ": ", message == nullptr ? "an unknown error" : message);
}

// The functions of all kernels of a file by their index, as the driver knows them.
std::map<size_t, void*> loaded(const std::string& file) {
  const auto* properties = at::cuda::getCurrentDeviceProperties();
  const auto compiled =
      compile(file, "sm_" + std::to_string(properties->major) + std::to_string(properties->minor));
  void* module = nullptr;
  check_driver("cuModuleLoadData", &module, static_cast<const void*>(compiled.code.data()));
  std::map<size_t, void*> functions;
  for (size_t i = 0; i < device_kernels().size(); i++) {
    const auto& kernel = device_kernels()[i];
    if (kernel.file != file) continue;
    check_driver("cuModuleGetFunction", &functions[i], module, compiled.names.at(kernel.expression).c_str());
  }
  return functions;
}

// There is one device, and modules stay as long as the process.
void* function_of(size_t kernel) {
  static std::mutex mutex;
  static std::map<size_t, void*> functions;
  const std::lock_guard<std::mutex> lock(mutex);
  const auto found = functions.find(kernel);
  if (found != functions.end()) return found->second;
  TORCH_CHECK(!capturing(), "a kernel's first use must not be in a graph");
  functions.merge(loaded(device_kernels()[kernel].file));
  return functions.at(kernel);
}

}  // namespace

void launch_on_gpu(size_t kernel, cuda::Extent grid, cuda::Extent block, void** parameters) {
  // The driver wants a context, which the runtime makes at its first call in a thread.
  static thread_local const bool ready = [] {
    C10_CUDA_CHECK(cudaFree(nullptr));
    return true;
  }();
  static_cast<void>(ready);
  void* const stream = c10::cuda::getCurrentCUDAStream().stream();
  check_driver("cuLaunchKernel", function_of(kernel), grid.x, grid.y, grid.z, block.x, block.y, block.z, 0u, stream,
               parameters, static_cast<void**>(nullptr));
}

#else

void launch_on_gpu(size_t, cuda::Extent, cuda::Extent, void**) {
  TORCH_CHECK(false, "the addon was built without CUDA");
}

#endif

}  // namespace awp
