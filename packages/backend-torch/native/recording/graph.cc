#include "recording/graph.h"

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

struct Graph::Captured {
  std::function<Tensors(const Tensors&)> run;
  Tensors inputs;
};

Graph::Graph(const Tensors& inputs, const std::function<Tensors(const Tensors&)>& run)
    : captured_(std::make_unique<Captured>(Captured{run, {}})) {
  for (const auto& input : inputs) captured_->inputs.push_back(at::empty_like(input));
}

Graph::~Graph() = default;

Graph::Tensors Graph::replay(const Tensors& inputs) {
  auto& [run, held] = *captured_;
  for (size_t i = 0; i < held.size(); i++) held[i].copy_(inputs[i].reshape(held[i].sizes()));
  Tensors copies;
  for (const auto& output : run(held)) copies.push_back(output.clone());
  return copies;
}

#endif

}  // namespace awp
