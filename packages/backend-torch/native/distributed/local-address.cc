#include "distributed/local-address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

namespace awp {
namespace {

std::string numeric(const sockaddr* address, socklen_t length) {
  char text[NI_MAXHOST];
  return getnameinfo(address, length, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0 ? text : "";
}

}  // namespace

std::string local_address_towards(const std::string& address, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return "";
  std::string local;
  for (const addrinfo* each = found; each != nullptr && local.empty(); each = each->ai_next) {
    const int handle = socket(each->ai_family, each->ai_socktype, each->ai_protocol);
    if (handle < 0) continue;
    // Connecting a datagram's socket sends nothing: it asks the table of routes.
    sockaddr_storage own{};
    socklen_t length = sizeof own;
    if (connect(handle, each->ai_addr, each->ai_addrlen) == 0 &&
        getsockname(handle, reinterpret_cast<sockaddr*>(&own), &length) == 0) {
      local = numeric(reinterpret_cast<const sockaddr*>(&own), length);
    }
    close(handle);
  }
  freeaddrinfo(found);
  return local;
}

bool is_loopback(const std::string& address) { return address.rfind("127.", 0) == 0 || address == "::1"; }

}  // namespace awp
