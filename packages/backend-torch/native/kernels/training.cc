// Kernels that stand for a whole formula of training: the loss, the optimizer's step, running statistics.
#include "kernels/call.h"

namespace awp {
namespace {

// [batch, classes]: whether a class is its row's label. A label out of range is no class.
at::Tensor hits(const at::Tensor& logits, const at::Tensor& labels) {
  TORCH_CHECK(logits.dim() == 2 && labels.dim() == 1 && labels.size(0) == logits.size(0), "labels of sizes ",
              labels.sizes(), " for logits of sizes ", logits.sizes());
  return at::eq(labels.unsqueeze(1), at::arange(logits.size(1), labels.options()));
}

const bool defined = [] {
  define("SparseCrossEntropy", [](Call& call) {
    const auto& logits = call.input(0);
    const auto chosen = hits(logits, call.input(1));
    call.put(at::log_softmax(logits, 1).masked_fill_(chosen.logical_not(), 0).sum(1).neg_());
  });
  define("SparseCrossEntropyGrad", [](Call& call) {
    const auto& dy = call.input(0);
    const auto& logits = call.input(1);
    TORCH_CHECK(dy.dim() == 1, "a gradient of rank ", dy.dim(), ", want 1");
    call.put((at::softmax(logits, 1) - hits(logits, call.input(2)).to(at::kFloat)) * dy.unsqueeze(1));
  });
  // Inputs: the learning rate, the weights, their gradients and with momentum their buffers; outputs: the new weights
  // and buffers.
  define("SgdUpdate", [](Call& call) {
    const int64_t count = call.integer();
    const bool nesterov = call.flag();
    const bool buffered = call.flag();
    const double momentum = call.number();
    TORCH_CHECK(count >= 0 && call.inputs() == static_cast<size_t>(1 + count * (buffered ? 3 : 2)), count,
                " weights among ", call.inputs(), " inputs");
    const auto& rate = call.input(0);
    std::vector<at::Tensor> buffers;
    for (int64_t i = 1; i <= count; i++) {
      const auto& gradient = call.in_any_order(i + count);
      if (!buffered) {
        call.put_in_any_order(at::addcmul(call.in_any_order(i), gradient, rate, -1));
        continue;
      }
      const auto moved = at::add(gradient, call.in_any_order(i + 2 * count), momentum);
      const auto direction = nesterov ? at::add(gradient, moved, momentum) : moved;
      call.put_in_any_order(at::addcmul(call.in_any_order(i), direction, rate, -1));
      buffers.push_back(moved);
    }
    for (auto& buffer : buffers) call.put_in_any_order(std::move(buffer));
  });
  define("MovingAverage", [](Call& call) {
    const double momentum = call.number();
    const double factor = call.number();
    call.put(call.input(0) * (1 - momentum) + call.input(1) * factor * momentum);
  });
  return true;
}();

}  // namespace
}  // namespace awp
