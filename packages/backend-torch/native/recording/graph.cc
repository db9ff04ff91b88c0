#include "recording/graph.h"

#include <cstdlib>
#include <string>

#ifdef AWP_CUDA
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#if __has_include(<ATen/core/CachingHostAllocator.h>)
#include <ATen/core/CachingHostAllocator.h>
#endif
#endif

#include "device/device.h"

namespace awp {
namespace {

using Tensors = Graph::Tensors;

bool& captures_fail() {
  static bool flag = false;
  return flag;
}

void fill(const Tensors& held, const Tensors& inputs) {
  for (size_t i = 0; i < held.size(); i++) held[i].copy_(inputs[i].reshape(held[i].sizes()));
}

}  // namespace

bool Graph::wanted() {
  const char* variable = std::getenv("AWP_TORCH_GRAPH");
  const std::string wanted = variable == nullptr ? "" : variable;
  TORCH_CHECK(wanted.empty() || wanted == "0" || wanted == "1", "AWP_TORCH_GRAPH: got ", wanted, ", want 0 or 1");
  return wanted != "0";
}

void Graph::fail_captures(bool flag) { captures_fail() = flag; }

#ifdef AWP_CUDA

namespace {

using PoolId = decltype(at::cuda::graph_pool_handle());

// The pool of this thread's graphs, whose stream is its own. A new one when none of them is left: libtorch takes no
// capture into a pool that it is about to free.
std::shared_ptr<const PoolId> shared_pool() {
  thread_local std::weak_ptr<const PoolId> current;
  auto pool = current.lock();
  if (pool == nullptr) current = pool = std::make_shared<const PoolId>(at::cuda::graph_pool_handle());
  return pool;
}

// What `CUDAGraph::capture_end` leaves out when the capture has been invalidated (pytorch #180395, #190348): without it
// the pool goes on being the one to allocate from, and no later capture begins. libtorch before 2.2 has no such call.
template <typename Allocator>
void end_allocation(Allocator* allocator, const PoolId& pool) {
  const auto index = device().index();
  if constexpr (requires { allocator->endAllocateToPool(index, pool); }) {
    allocator->endAllocateToPool(index, pool);
    allocator->releasePool(index, pool);
  }
}

// The same for pinned memory, of which later versions have such pools too.
template <typename DeviceType>
void end_host_allocation(DeviceType type, const PoolId& pool) {
  using namespace at;
  if constexpr (requires { getHostAllocator(type)->end_allocate_to_pool(pool); }) {
    getHostAllocator(type)->end_allocate_to_pool(pool);
    getHostAllocator(type)->release_pool(pool);
  }
}

// Does it; an error only says that there was nothing to do, and the first one is the one to tell.
template <typename Action>
void attempt(Action action) {
  try {
    action();
  } catch (const std::exception&) {
  }
}

void abandon(at::cuda::CUDAGraph& graph, const PoolId& pool) {
  attempt([&] { graph.capture_end(); });
  attempt([&] { end_allocation(c10::cuda::CUDACachingAllocator::get(), pool); });
  attempt([&] { end_host_allocation(at::kCUDA, pool); });
  // Else the next kernel would be blamed for it.
  static_cast<void>(cudaGetLastError());
}

struct Captured {
  // Outlives the graph, which gives it back.
  std::shared_ptr<const PoolId> pool = shared_pool();
  at::cuda::CUDAGraph graph;
  Tensors outputs;
};

// What replays `run` on the values that these inputs have then.
std::function<Tensors()> capture(const Tensors& inputs, const std::function<Tensors(const Tensors&)>& run) {
  const auto captured = std::make_shared<Captured>();
  auto& [pool, graph, outputs] = *captured;
  // What the warm-ups left in the cache: the graph's memory is its own.
  c10::cuda::CUDACachingAllocator::emptyCache();
  try {
    graph.capture_begin(*pool);
    outputs = run(inputs);
    // The device cannot be waited for: this invalidates the capture as a kernel would that does it.
    if (captures_fail()) at::empty({1}, at::TensorOptions(device())).item();
    graph.capture_end();
  } catch (...) {
    outputs.clear();
    abandon(graph, *pool);
    throw;
  }
  return [captured] {
    captured->graph.replay();
    return captured->outputs;
  };
}

}  // namespace

#endif

Graph::Graph(const Tensors& inputs, const std::function<Tensors(const Tensors&)>& run) {
  for (const auto& input : inputs) inputs_.push_back(at::empty_like(input));
#ifdef AWP_CUDA
  if (device().is_cuda()) {
    compute_ = capture(inputs_, run);
    return;
  }
#endif
  TORCH_CHECK(!captures_fail(), "operation not permitted when stream is capturing");
  compute_ = [held = inputs_, run] { return run(held); };
}

Graph::Tensors Graph::replay(const Tensors& inputs) {
  fill(inputs_, inputs);
  Tensors copies;
  for (const auto& output : compute_()) copies.push_back(output.clone());
  return copies;
}

}  // namespace awp
