#pragma once
#include <chrono>
#include <optional>
#include <string>

namespace awp {

// This machine's address on the interface that leads to another one, without a look at its own name, which need not
// resolve: where that is this machine, the same address. Empty where none leads there.
std::string local_address_towards(const std::string& address, int port);

// Whether a process can listen on this port here; c10d's own answer is a page of logging.
bool is_free(int port);

// A socket that is bound to that address alone, and does not listen yet; none where it cannot be.
std::optional<int> bound_to(const std::string& address, int port);

// Whether something accepts connections there, now or before the time is up.
bool answers(const std::string& address, int port, std::chrono::milliseconds timeout);

bool is_loopback(const std::string& address);

}  // namespace awp
