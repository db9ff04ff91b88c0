// What lets tests without a GPU see what a GPU would run.
#include <set>

#include "device/launch.h"
#include "device/nvrtc.h"
#include "device/operation-log.h"
#include "napi/binding.h"

namespace awp {
namespace {

std::set<std::string> files() {
  std::set<std::string> names;
  for (const auto& kernel : device_kernels()) names.insert(kernel.file);
  return names;
}

// deviceRoutes(flag): whether kernels for CUDA are taken on the CPU too.
napi_value set_device_routes(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) -> napi_value {
    device_routes() = arguments.integer(0) != 0;
    return nullptr;
  });
}

// deviceSources(): by file, what NVRTC compiles, with every kernel named once as nvcc wants it.
napi_value device_sources(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) {
    napi_value sources = nullptr;
    napi_create_object(arguments.env, &sources);
    for (const auto& file : files()) {
      std::string text = device_source(file) + "\nconst void* const kernels[] = {\n";
      for (const auto& kernel : device_kernels()) {
        if (kernel.file == file) text += "  reinterpret_cast<const void*>(&" + kernel.expression + "),\n";
      }
      napi_set_named_property(arguments.env, sources, file.c_str(), string(arguments.env, text + "};\n"));
    }
    return sources;
  });
}

// compileForGpu(architecture): compiles all kernels by NVRTC, for 90 as for an H100. Returns the bytes of code.
napi_value compile_for_gpu(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) {
    size_t bytes = 0;
    for (const auto& file : files()) bytes += compile(file, "sm_" + std::to_string(arguments.integer(0))).code.size();
    return number(arguments.env, static_cast<double>(bytes));
  });
}

// countOperations(flag): whether this thread's operations are counted. For tests and benchmarks.
napi_value count_operations(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) -> napi_value {
    log_operations(arguments.integer(0) != 0);
    return nullptr;
  });
}

// takeOperations(): { name: count } since the last call
napi_value operations_taken(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) {
    napi_value result = nullptr;
    napi_create_object(arguments.env, &result);
    for (const auto& [name, count] : take_operations()) {
      napi_set_named_property(arguments.env, result, name.c_str(), number(arguments.env, static_cast<double>(count)));
    }
    return result;
  });
}

}  // namespace

void define_device_checks(napi_env env, napi_value exports) {
  set(env, exports, "deviceRoutes", set_device_routes);
  set(env, exports, "countOperations", count_operations);
  set(env, exports, "takeOperations", operations_taken);
  set(env, exports, "deviceSources", device_sources);
  set(env, exports, "compileForGpu", compile_for_gpu);
}

}  // namespace awp
