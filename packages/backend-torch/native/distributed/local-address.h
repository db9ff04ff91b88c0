#pragma once
#include <string>

namespace awp {

// This machine's address on the interface that leads to another one, without a look at its own name, which need not
// resolve: where that is this machine, the same address. Empty where none leads there.
std::string local_address_towards(const std::string& address, int port);

bool is_loopback(const std::string& address);

}  // namespace awp
