#include "device/launch.h"

#include <map>

namespace awp {
namespace {

// By file; written by the build from native/cuda.
const std::map<std::string, const char*>& texts() {
  static const std::map<std::string, const char*> all = {
#include "build/cuda-sources.inc"
  };
  return all;
}

}  // namespace

std::vector<DeviceKernelName>& device_kernels() {
  static std::vector<DeviceKernelName> all;
  return all;
}

std::string device_source(const std::string& file) {
  return std::string(texts().at("prelude.h")) + texts().at(file + ".cu");
}

}  // namespace awp
