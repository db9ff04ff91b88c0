#pragma once
// Collectives on lists of tensors.
#include "distributed/group.h"
#include "kernels/many.h"

namespace awp {

// The sums over all ranks of float32 tensors, new ones, the same bits on every rank.
Tensors all_reduced(Group& group, const Tensors& tensors, const std::string& what);

// Rank 0's values of the tensors, new ones.
Tensors broadcasted(Group& group, const Tensors& tensors, const std::string& what);

}  // namespace awp
