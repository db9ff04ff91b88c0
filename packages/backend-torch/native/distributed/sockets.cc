#include "distributed/sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <thread>

namespace awp {
namespace {

std::string numeric(const sockaddr* address, socklen_t length) {
  char text[NI_MAXHOST];
  return getnameinfo(address, length, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0 ? text : "";
}

// Calls `attempt` with a new socket for each of the addresses that a name has, until one is right.
bool any_socket(const std::string& address, int port, int type, const std::function<bool(int, const addrinfo&)>& attempt) {
  addrinfo hints{};
  hints.ai_socktype = type;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return false;
  bool right = false;
  for (const addrinfo* each = found; each != nullptr && !right; each = each->ai_next) {
    const int handle = socket(each->ai_family, each->ai_socktype, each->ai_protocol);
    if (handle < 0) continue;
    right = attempt(handle, *each);
    close(handle);
  }
  freeaddrinfo(found);
  return right;
}

bool binds(int handle, const addrinfo& on) {
  const int yes = 1;
  setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  return bind(handle, on.ai_addr, on.ai_addrlen) == 0;
}

bool connects(int handle, const addrinfo& to, std::chrono::milliseconds timeout) {
  fcntl(handle, F_SETFL, O_NONBLOCK);
  if (connect(handle, to.ai_addr, to.ai_addrlen) == 0) return true;
  if (errno != EINPROGRESS) return false;
  pollfd waiting{handle, POLLOUT, 0};
  if (poll(&waiting, 1, static_cast<int>(timeout.count())) <= 0) return false;
  int error = 0;
  socklen_t length = sizeof error;
  return getsockopt(handle, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
}

}  // namespace

std::string local_address_towards(const std::string& address, int port) {
  std::string local;
  // Connecting a datagram's socket sends nothing: it asks the table of routes.
  any_socket(address, port, SOCK_DGRAM, [&](int handle, const addrinfo& to) {
    sockaddr_storage own{};
    socklen_t length = sizeof own;
    if (connect(handle, to.ai_addr, to.ai_addrlen) != 0) return false;
    if (getsockname(handle, reinterpret_cast<sockaddr*>(&own), &length) != 0) return false;
    local = numeric(reinterpret_cast<const sockaddr*>(&own), length);
    return !local.empty();
  });
  return local;
}

bool is_free(int port) {
  // As c10d does: on all of IPv6 and IPv4, or on IPv4 where there is no IPv6.
  const auto listens = [](int handle, const addrinfo& on) { return binds(handle, on) && listen(handle, 1) == 0; };
  return any_socket("::", port, SOCK_STREAM, listens) || any_socket("0.0.0.0", port, SOCK_STREAM, listens);
}

std::optional<int> bound_to(const std::string& address, int port) {
  std::optional<int> bound;
  any_socket(address, port, SOCK_STREAM, [&](int handle, const addrinfo& on) {
    if (!binds(handle, on)) return false;
    // The handle itself is closed then.
    const int kept = fcntl(handle, F_DUPFD_CLOEXEC, 0);
    if (kept >= 0) bound = kept;
    return bound.has_value();
  });
  return bound;
}

bool answers(const std::string& address, int port, std::chrono::milliseconds timeout) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  for (auto pause = std::chrono::milliseconds(10);; pause = std::min(2 * pause, std::chrono::milliseconds(500))) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    const auto limit = std::clamp(left, std::chrono::milliseconds(1), std::chrono::milliseconds(3000));
    if (any_socket(address, port, SOCK_STREAM, [&](int handle, const addrinfo& to) { return connects(handle, to, limit); })) {
      return true;
    }
    if (left <= pause) return false;
    std::this_thread::sleep_for(pause);
  }
}

bool is_loopback(const std::string& address) { return address.rfind("127.", 0) == 0 || address == "::1"; }

}  // namespace awp
