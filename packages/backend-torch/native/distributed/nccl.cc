// NCCL, for tensors on GPUs, by libtorch's own calls of it: they want no header of NCCL's, whose structures change with
// its version, and start no watchdog that ends the process. What fails is found by the host, which waits.
#include "distributed/transport.h"

#ifdef AWP_CUDA
#include <ATen/cuda/CUDAEvent.h>
#include <c10/cuda/CUDAFunctions.h>
#include <torch/csrc/cuda/nccl.h>

#include <cstring>
#include <thread>

#include "device/device.h"
#include "distributed/within.h"

// Where libtorch brings NCCL as a library of its own.
extern "C" __attribute__((weak)) int ncclCommAbort(void* communicator);
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

}  // namespace

std::shared_ptr<Transport> connect_nccl(const Store& store, int rank, int size, Milliseconds timeout) {
  constexpr auto kKey = "nccl";
  const auto index = device().index();
  const auto communicator = within(timeout, [=, store = store]() mutable {
    nccl::ncclUniqueId id{};
    c10::cuda::set_device(index);
    if (rank == 0) {
      nccl::get_unique_id(id);
      store.set(kKey, std::string(id.internal, sizeof id.internal));
    }
    std::optional<std::string> text;
    while (!(text = store.get(kKey))) std::this_thread::sleep_for(Milliseconds(10));
    std::memcpy(id.internal, text->data(), sizeof id.internal);
    return nccl::comm_init_rank(size, id, rank);
  });
  TORCH_CHECK(communicator, "NCCL does not connect");
  return std::make_shared<Nccl>(*communicator, timeout);
}

#else

std::shared_ptr<Transport> connect_nccl(const Store&, int, int, Milliseconds) { return nullptr; }

#endif

}  // namespace awp
