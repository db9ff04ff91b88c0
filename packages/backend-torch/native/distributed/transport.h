#pragma once
// What moves bytes between ranks: c10d's process groups, by the few of their operations that are used here. Tensors are
// contiguous, and stay alive and untouched until the wait returns; an error is thrown there.
#include <ATen/ATen.h>

#include <functional>
#include <memory>
#include <vector>

#include "distributed/rendezvous.h"

namespace awp {

class Transport {
 public:
  using Wait = std::function<void()>;

  virtual ~Transport() = default;
  // The sum over all ranks, in place.
  virtual Wait all_reduce(const at::Tensor& tensor) = 0;
  // That rank's values, in place.
  virtual Wait broadcast(const at::Tensor& tensor, int from) = 0;
  // Everyone's, of one shape.
  virtual Wait all_gather(const std::vector<at::Tensor>& results, const at::Tensor& tensor) = 0;
};

// A Gloo group of its own among the ranks of the store; returns when all are connected. `local` is the address of this
// machine to use.
std::shared_ptr<Transport> connect_gloo(const Store& store, const World& world, const std::string& local);

// The same among GPUs, where each rank has one of its own; it must not be called elsewhere.
std::shared_ptr<Transport> connect_nccl(const Store& store, const World& world);

// A number of the GPU that this process has, the same in two processes that share one; 0 where it has none.
int64_t own_gpu();

}  // namespace awp
