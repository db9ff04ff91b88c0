#include "graph.h"

#ifdef AWP_CUDA
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#endif

namespace awp {

#ifdef AWP_CUDA

struct Graph::Captured {
  at::cuda::CUDAGraph graph;
  Tensors inputs;
  Tensors outputs;
};

Graph::Graph(const Tensors& inputs, const std::function<Tensors(const Tensors&)>& run)
    : captured_(std::make_unique<Captured>()) {
  auto& [graph, held, outputs] = *captured_;
  for (const auto& input : inputs) held.push_back(at::empty_like(input));
  // What the warm-ups left in the cache: the graph's memory is its own.
  c10::cuda::CUDACachingAllocator::emptyCache();
  graph.capture_begin();
  try {
    outputs = run(held);
  } catch (...) {
    try {
      graph.capture_end();
    } catch (const std::exception&) {
      // The first error is the one to tell.
    }
    throw;
  }
  graph.capture_end();
}

Graph::~Graph() = default;

Graph::Tensors Graph::replay(const Tensors& inputs) {
  auto& [graph, held, outputs] = *captured_;
  for (size_t i = 0; i < held.size(); i++) held[i].copy_(inputs[i].reshape(held[i].sizes()));
  graph.replay();
  Tensors copies;
  for (const auto& output : outputs) copies.push_back(output.clone());
  return copies;
}

#else

struct Graph::Captured {};

Graph::Graph(const Tensors&, const std::function<Tensors(const Tensors&)>&) {
  TORCH_CHECK(false, "the addon was built without CUDA");
}

Graph::~Graph() = default;

Graph::Tensors Graph::replay(const Tensors&) { return {}; }

#endif

}  // namespace awp
