// NCCL, for tensors on GPUs, by libtorch's own calls of it: they want no header of NCCL's, whose structures change with
// its version, and start no watchdog that ends the process. What fails is found by the host, which waits.
#include "distributed/transport.h"

#ifdef AWP_CUDA
#include <ATen/cuda/CUDAContext.h>
#include <ATen/cuda/CUDAEvent.h>
#include <c10/cuda/CUDAFunctions.h>
#include <torch/csrc/cuda/nccl.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <fstream>
#include <thread>

#include "device/device.h"
#include "distributed/hash.h"
#include "kernels/call.h"

// Where libtorch brings NCCL as a library of its own.
extern "C" __attribute__((weak)) int ncclCommAbort(void* communicator);
extern "C" __attribute__((weak)) const char* ncclGetLastError(void* communicator);
#endif

namespace awp {

#ifdef AWP_CUDA

namespace {

namespace nccl = torch::cuda::nccl;

constexpr auto kPoll = std::chrono::microseconds(20);

template <typename Tensors, typename Streams, typename Communicators>
void broadcast_from_0(const Tensors& tensors, const Streams& streams, const Communicators& communicators) {
  // libtorch 2.14 takes the root, too.
  if constexpr (requires { nccl::broadcast(tensors, 0, streams, communicators); }) {
    nccl::broadcast(tensors, 0, streams, communicators);
  } else {
    nccl::broadcast(tensors, streams, communicators);
  }
}

class Nccl : public Transport {
 public:
  Nccl(nccl::ncclComm_t communicator, Milliseconds timeout) : communicator_(communicator), timeout_(timeout) {}

  // A kernel that waits for a rank that is gone ends by this alone.
  ~Nccl() override {
    if (ncclCommAbort != nullptr) ncclCommAbort(communicator_);
  }

  Wait all_reduce(const at::Tensor& tensor) override {
    std::vector<at::Tensor> tensors{tensor};
    nccl::all_reduce(tensors, tensors, static_cast<int32_t>(nccl::ncclRedOp::Sum), {c10::cuda::getCurrentCUDAStream()},
                     {communicator_});
    return waiting();
  }

  Wait broadcast(const at::Tensor& tensor, int from) override {
    TORCH_CHECK(from == 0, "got the values of rank ", from, " to broadcast by NCCL, want rank 0's");
    const std::vector<at::Tensor> tensors{tensor};
    broadcast_from_0(tensors, nccl::stream_list{c10::cuda::getCurrentCUDAStream()}, nccl::comm_list{communicator_});
    return waiting();
  }

  Wait all_gather(const std::vector<at::Tensor>&, const at::Tensor&) override {
    TORCH_CHECK(false, "host values do not travel by NCCL");
  }

 private:
  Wait waiting() const {
    const auto event = std::make_shared<at::cuda::CUDAEvent>();
    event->record();
    return [event, end = Clock::now() + timeout_] {
      while (!event->query()) {
        TORCH_CHECK(Clock::now() < end, "NCCL has not ended within the timeout");
        std::this_thread::sleep_for(kPoll);
      }
    };
  }

  const nccl::ncclComm_t communicator_;
  const Milliseconds timeout_;
};

// Rank 0's, which it makes.
nccl::ncclUniqueId agreed_id(Store store, const World& world) {
  constexpr auto kKey = "nccl";
  nccl::ncclUniqueId id{};
  if (world.rank == 0) {
    nccl::get_unique_id(id);
    store.set(kKey, std::string(id.internal, sizeof id.internal));
  }
  std::optional<std::string> text;
  for (const auto end = Clock::now() + world.join_timeout; !(text = store.get(kKey));) {
    TORCH_CHECK(Clock::now() < end, "rank 0 has not started NCCL");
    std::this_thread::sleep_for(Milliseconds(10));
  }
  std::memcpy(id.internal, text->data(), sizeof id.internal);
  return id;
}

// NCCL's last warning says more than the name of its error.
std::string last_words() {
  const char* const words = ncclGetLastError == nullptr ? nullptr : ncclGetLastError(nullptr);
  const std::string text(words == nullptr ? "" : words);
  return text.empty() ? "" : "; " + text.substr(0, text.find('\n'));
}

}  // namespace

std::shared_ptr<Transport> connect_nccl(const Store& store, const World& world) {
  c10::cuda::set_device(device().index());
  try {
    return std::make_shared<Nccl>(nccl::comm_init_rank(world.size, agreed_id(store, world), world.rank), world.timeout);
  } catch (const std::exception& error) {
    TORCH_CHECK(false, "NCCL does not connect: ", message_of(error), last_words());
  }
}

// By what NCCL, which refuses two ranks on one GPU, tells them by: the machine and the place on its bus.
int64_t own_gpu() {
  if (!device().is_cuda()) return 0;
  char name[HOST_NAME_MAX + 1] = "";
  gethostname(name, sizeof name - 1);
  // Two machines may have one name, but not one boot; where it is not to be read, the name must do.
  std::string boot;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), boot);
  const auto& gpu = *at::cuda::getDeviceProperties(device().index());
  const auto place = c10::str(name, ' ', boot, ' ', gpu.pciDomainID, ':', gpu.pciBusID, ':', gpu.pciDeviceID);
  return std::max<int64_t>(1, static_cast<int64_t>(hash_of(place) >> 1));
}

#else

std::shared_ptr<Transport> connect_nccl(const Store&, const World&) { return nullptr; }
int64_t own_gpu() { return 0; }

#endif

}  // namespace awp
