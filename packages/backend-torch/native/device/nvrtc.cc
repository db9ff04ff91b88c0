#include "device/nvrtc.h"

#include <dlfcn.h>

#include "device/launch.h"

namespace awp {
namespace {

// As nvrtc.h has them: the header itself does not come with every toolkit that torch brings.
using NvrtcProgram = struct Opaque*;

template <typename... Parameters>
void check(const char* name, Parameters... parameters) {
  const auto function = reinterpret_cast<int (*)(Parameters...)>(nvrtc_symbol(name));
  const int status = function(parameters...);
  TORCH_CHECK(status == 0, name, ": ",
              reinterpret_cast<const char* (*)(int)>(nvrtc_symbol("nvrtcGetErrorString"))(status));
}

void* first_library(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (void* library = dlopen(name, RTLD_LAZY)) return library;
  }
  return nullptr;
}

struct Program {
  NvrtcProgram program = nullptr;
  ~Program() {
    if (program != nullptr) check("nvrtcDestroyProgram", &program);
  }
  std::string log() const {
    size_t size = 0;
    check("nvrtcGetProgramLogSize", program, &size);
    std::string log(size, '\0');
    check("nvrtcGetProgramLog", program, log.data());
    return log;
  }
};

}  // namespace

void* nvrtc_symbol(const char* name) {
  static void* const libraries[] = {
      first_library({"libcaffe2_nvrtc.so"}),
      first_library({"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2"}),
      first_library({"libcuda.so.1"}),
  };
  for (void* library : libraries) {
    if (void* symbol = library == nullptr ? nullptr : dlsym(library, name)) return symbol;
  }
  TORCH_CHECK(false, "CUDA's ", name, " is not to be found: neither libcaffe2_nvrtc.so, which is libtorch's, nor ",
              "libnvrtc.so and libcuda.so.1 have it");
}

Compiled compile(const std::string& file, const std::string& architecture) {
  const std::string source = device_source(file);
  Program compilation;
  auto& program = compilation.program;
  check("nvrtcCreateProgram", &program, source.c_str(), (file + ".cu").c_str(), 0,
        static_cast<const char* const*>(nullptr), static_cast<const char* const*>(nullptr));
  std::vector<std::string> expressions;
  for (const auto& kernel : device_kernels()) {
    if (kernel.file != file) continue;
    check("nvrtcAddNameExpression", program, kernel.expression.c_str());
    expressions.push_back(kernel.expression);
  }
  const std::string target = "--gpu-architecture=" + architecture;
  // No products fused into sums, as on the CPU: what the tests see there is what a GPU computes.
  const char* options[] = {target.c_str(), "--std=c++17", "--fmad=false"};
  const auto run = reinterpret_cast<int (*)(NvrtcProgram, int, const char* const*)>(nvrtc_symbol("nvrtcCompileProgram"));
  TORCH_CHECK(run(program, 3, options) == 0, "native/cuda/", file, ".cu for ", architecture, ": ", compilation.log());

  Compiled compiled;
  for (const auto& expression : expressions) {
    const char* name = nullptr;
    check("nvrtcGetLoweredName", program, expression.c_str(), &name);
    compiled.names[expression] = name;
  }
  size_t size = 0;
  check("nvrtcGetCUBINSize", program, &size);
  compiled.code.resize(size);
  check("nvrtcGetCUBIN", program, compiled.code.data());
  return compiled;
}

}  // namespace awp
