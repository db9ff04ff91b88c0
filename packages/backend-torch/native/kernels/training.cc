// Averages that move towards new values, as of weights.
#include "kernels/call.h"

namespace awp {
namespace {

const bool training_kernels = [] {
  define("MovingAverage", [](Call& call) {
    const double momentum = call.number();
    const double factor = call.number();
    call.put(call.input(0) * (1 - momentum) + call.input(1) * factor * momentum);
  });
  return true;
}();

}  // namespace
}  // namespace awp
