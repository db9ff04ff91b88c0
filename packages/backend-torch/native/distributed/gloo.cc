// Gloo, c10d's group for the CPU. What its header says of Gloo is in native/gloo.
#define USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include <cstdlib>

#include "distributed/c10d-store.h"
#include "distributed/transport.h"

namespace awp {
namespace {

class Gloo : public Transport {
 public:
  explicit Gloo(c10::intrusive_ptr<c10d::ProcessGroupGloo> group) : group_(std::move(group)) {}

  Wait all_reduce(const at::Tensor& tensor) override {
    std::vector<at::Tensor> tensors{tensor};
    return waiting(group_->allreduce(tensors));
  }

  Wait broadcast(const at::Tensor& tensor, int from) override {
    std::vector<at::Tensor> tensors{tensor};
    c10d::BroadcastOptions options;
    options.rootRank = from;
    return waiting(group_->broadcast(tensors, options));
  }

  Wait all_gather(const std::vector<at::Tensor>& results, const at::Tensor& tensor) override {
    std::vector<std::vector<at::Tensor>> outputs{results};
    std::vector<at::Tensor> inputs{tensor};
    return waiting(group_->allgather(outputs, inputs));
  }

 private:
  template <typename Work>
  static Wait waiting(Work work) {
    return [work] { work->wait(); };
  }

  c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
};

}  // namespace

std::shared_ptr<Transport> connect_gloo(const Store& store, const World& world, const std::string& local) {
  using Group = c10d::ProcessGroupGloo;
  const char* variable = std::getenv("GLOO_SOCKET_IFNAME");
  const std::string interfaces = variable == nullptr ? "" : variable;
  auto options = Group::Options::create(world.timeout);
  // c10d's default device is that of the machine's name, which need not resolve.
  options->devices.push_back(interfaces.empty() ? Group::createDeviceForHostname(local)
                                                : Group::createDeviceForInterface(interfaces.substr(0, interfaces.find(','))));
  return std::make_shared<Gloo>(c10::make_intrusive<Group>(store.impl().store, world.rank, world.size, options));
}

}  // namespace awp
