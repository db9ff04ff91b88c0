#pragma once
// Philox in ATen's integer operations: computed where the key lives, so that a CUDA graph draws anew at each replay.
#include "kernels/call.h"

namespace awp {

void uniform_on_device(Call& call);
void normal_on_device(Call& call);
void integers_on_device(Call& call);

}  // namespace awp
