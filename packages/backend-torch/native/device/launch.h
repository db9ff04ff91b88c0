#pragma once
// Kernels of our own for CUDA. They stand in native/cuda, in CUDA C++ behind cuda/prelude.h and without any other
// include; a source in native/kernels includes such a file in namespace awp::cuda, names its kernels and launches them:
//
//   namespace awp::cuda {
//   #include "cuda/batch-norm.cu"
//   }
//   template <typename T> const auto statistics = device_kernel<T>("batch-norm", "statistics", cuda::statistics<T>);
//   launch(statistics<float>, {blocks}, {threads}, x.data_ptr<float>(), ...);
//
// On a GPU the file is compiled for it by NVRTC, once in a process; on the CPU (see on_device) the very same functions
// run over device/shim.h.
#include <string>
#include <type_traits>
#include <vector>

#include "device/device.h"
#include "device/operation-log.h"
#include "device/shim.h"

namespace awp {

// A kernel as NVRTC knows it: its file in native/cuda, and the expression that names it there.
struct DeviceKernelName {
  std::string file;
  std::string expression;
};

// All that were named; the first use of one compiles its file with all that are of it.
std::vector<DeviceKernelName>& device_kernels();

// The texts that NVRTC compiles, of a file in native/cuda with what stands before it.
std::string device_source(const std::string& file);

template <typename... Parameters>
struct DeviceKernel {
  // Among device_kernels().
  size_t index;
  void (*body)(Parameters...);
};

template <typename T>
constexpr const char* device_type_name() {
  if constexpr (std::is_same_v<T, float>) return "float";
  if constexpr (std::is_same_v<T, cuda::bfloat16>) return "bfloat16";
}

// Names a kernel, which is a template of the types given or with none a plain function; as a static, before any launch.
template <typename... Types, typename... Parameters>
DeviceKernel<Parameters...> device_kernel(const char* file, const char* name, void (*body)(Parameters...)) {
  std::string types;
  ((types += (types.empty() ? "<" : ", ") + std::string(device_type_name<Types>())), ...);
  device_kernels().push_back({file, name + types + (types.empty() ? "" : ">")});
  return {device_kernels().size() - 1, body};
}

// On this thread's current stream of the GPU.
void launch_on_gpu(size_t kernel, cuda::Extent grid, cuda::Extent block, void** parameters);

// Runs a kernel where tensors live. Its arguments are numbers, pointers into tensors and structs of those, 4 KB
// together at most; the tensors' memory is the caller's, and torch's order of things on the stream holds.
template <typename... Parameters>
void launch(const DeviceKernel<Parameters...>& kernel, cuda::Extent grid, cuda::Extent block,
            std::type_identity_t<Parameters>... arguments) {
  static_assert((sizeof(Parameters) + ... + 0) <= 4000, "CUDA takes 4 KB of arguments");
  log_operation(device_kernels()[kernel.index].expression);
  if (device().is_cuda()) {
    void* parameters[] = {static_cast<void*>(&arguments)..., nullptr};
    launch_on_gpu(kernel.index, grid, block, parameters);
  } else {
    cuda::run_on_cpu(grid, block, [&] { kernel.body(arguments...); });
  }
}

// The elements of a tensor as kernels see them.
template <typename T>
T* device_data(const at::Tensor& tensor) {
  // data_ptr() refuses a tensor of another type.
  if constexpr (std::is_same_v<T, cuda::bfloat16>) {
    return reinterpret_cast<T*>(tensor.data_ptr<at::BFloat16>());
  } else {
    return tensor.data_ptr<T>();
  }
}

// Calls run with the type that kernels have for a tensor's: run.operator()<T>(), T float or bfloat16.
template <typename Run>
void with_float_type(const at::Tensor& tensor, Run run) {
  if (tensor.scalar_type() == at::kBFloat16) {
    run.template operator()<cuda::bfloat16>();
  } else {
    TORCH_CHECK(tensor.scalar_type() == at::kFloat, "a tensor of type ", tensor.scalar_type(),
                ", want float32 or bfloat16");
    run.template operator()<float>();
  }
}

}  // namespace awp
