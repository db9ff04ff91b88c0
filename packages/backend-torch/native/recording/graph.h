#pragma once
// A run as a CUDA graph: captured once, replayed on new values of its inputs. On the CPU it is run again, on the same
// storage as a graph would use: tests see there what a graph does to variables.
//
// Every graph of a thread has its memory in between from one pool: they run one after another, and hand out copies.
#include <ATen/ATen.h>

#include <functional>
#include <vector>

namespace awp {

class Graph {
 public:
  using Tensors = std::vector<at::Tensor>;

  // Whether $AWP_TORCH_GRAPH leaves graphs on, which it does unless it is 0.
  static bool wanted();

  // Makes every capture fail, by what a capture does not allow. For tests.
  static void fail_captures(bool flag);

  // Captures `run` on inputs of the shapes and types of these. Nothing is computed yet. Where that throws, the device
  // and its allocator are as they were.
  Graph(const Tensors& inputs, const std::function<Tensors(const Tensors&)>& run);

  // Returns copies of the outputs: the graph's own are overwritten at the next replay.
  Tensors replay(const Tensors& inputs);

 private:
  Tensors inputs_;
  // The outputs of the values in `inputs_`.
  std::function<Tensors()> compute_;
};

}  // namespace awp
