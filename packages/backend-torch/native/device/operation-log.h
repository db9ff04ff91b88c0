#pragma once
// Counts what would give a device work, so that a step's launches are known without a device.
//
// Counted are libtorch's operators, not the kernels that a device makes of them: an operator that computes is one, whether
// its device kernel takes one launch (add, softmax) or a few (a convolution with its layout changes, a sort, a sum of many
// elements). Of operators that call others the outermost with a kernel of its own is the one; those that only compose,
// like `zeros`, count by what they call. Nothing is what allocates, looks at the same memory otherwise, or asks for
// sizes. A gradient of a convolution is one for each of its results. A launch of our own is one.
#include <cstdint>
#include <map>
#include <string>

namespace awp {

using Operations = std::map<std::string, int64_t>;

// Counts this thread's operations from now on, or no longer.
void log_operations(bool on);

// What was counted since the last call, by the operator's name.
Operations take_operations();

// Counts an operation that is not libtorch's, if operations are counted.
void log_operation(const std::string& name);

}  // namespace awp
