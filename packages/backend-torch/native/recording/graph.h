#pragma once
// A run as a CUDA graph: captured once, replayed on new values of its inputs. Without CUDA it is run again, on the same
// storage as a graph would use: tests see on the CPU what a graph does to variables.
#include <ATen/ATen.h>

#include <functional>
#include <memory>
#include <vector>

namespace awp {

class Graph {
 public:
  using Tensors = std::vector<at::Tensor>;

  // Captures `run` on inputs of the shapes and types of these. Nothing is computed yet.
  Graph(const Tensors& inputs, const std::function<Tensors(const Tensors&)>& run);
  ~Graph();

  // Returns copies of the outputs: the graph's own are overwritten at the next replay.
  Tensors replay(const Tensors& inputs);

 private:
  struct Captured;
  std::unique_ptr<Captured> captured_;
};

}  // namespace awp
