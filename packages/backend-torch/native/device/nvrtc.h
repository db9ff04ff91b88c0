#pragma once
// NVRTC, CUDA's compiler as a library, and the driver, both found when first used: nothing is linked against them.
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace awp {

// A function of libcaffe2_nvrtc, which libtorch loads for its own kernels and which brings NVRTC and the driver; where
// that is missing, of NVRTC or the driver themselves.
void* nvrtc_symbol(const char* name);

// Machine code and in it each expression's name.
struct Compiled {
  std::vector<char> code;
  std::map<std::string, std::string> names;
};

// Compiles for one architecture ("sm_90"); what the compiler says against it is the error.
Compiled compile(const std::string& file, const std::string& architecture);

}  // namespace awp
