#pragma once

namespace awp {

// Has libtorch take the memory of large CPU tensors from a pool. Once, before the first of them.
void pool_memory();

}  // namespace awp
