#pragma once
// What c10d's header of its process group for Gloo says of Gloo: names, behind pointers that only libtorch follows. So the
// build needs no headers of Gloo, which libtorch's packages leave out, and fits any version of it.
#include <chrono>

namespace gloo {

class Context {
 public:
  void setTimeout(std::chrono::milliseconds timeout);
};

}  // namespace gloo
