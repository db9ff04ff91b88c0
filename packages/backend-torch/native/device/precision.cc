#include "device/precision.h"

namespace awp {

at::ScalarType& product_type() {
  static at::ScalarType chosen = at::kFloat;
  return chosen;
}

}  // namespace awp
