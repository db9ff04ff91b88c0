#include "distributed/store.h"

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <algorithm>
#include <map>
#include <mutex>

#include "distributed/c10d-store.h"
#include "distributed/sockets.h"
#include "kernels/call.h"

namespace awp {
namespace {

// c10d counts in whole seconds at times.
constexpr auto kLeast = Milliseconds(1000);

// libuv's server is not in every build, and for a few ranks the other one is as good.
template <typename Options>
void use_plain_sockets(Options& options) {
  if constexpr (requires { options.useLibUV; }) options.useLibUV = false;
}

// c10d's server listens on all networks. A newer one takes a socket instead: one of loopback, where the store is there.
template <typename Options>
void stay_on_loopback(Options& options, const std::string& address) {
  if constexpr (requires { options.masterListenFd; }) {
    if (is_loopback(address)) options.masterListenFd = bound_to(address, options.port);
  }
}

c10::intrusive_ptr<c10d::Store> open(const StorePlace& place, bool server, Milliseconds timeout) {
  c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(place.port);
  options.isServer = server;
  options.waitWorkers = false;
  options.timeout = timeout;
  use_plain_sockets(options);
  if (server) stay_on_loopback(options, place.address);
  return c10::make_intrusive<c10d::TCPStore>(place.address, options);
}

// Makes the store in this process. It is never closed, so that the others find it as long as the process lives, and a
// group that is joined again uses the same.
void host(const StorePlace& place, Milliseconds timeout) {
  static auto& mutex = *new std::mutex();
  static auto& hosted = *new std::map<std::string, c10::intrusive_ptr<c10d::Store>>();
  const std::lock_guard lock(mutex);
  auto& store = hosted[place.name()];
  if (store) return;
  try {
    TORCH_CHECK(is_free(place.port), "port ", place.port, " of ", place.address,
                " is in use: another job may run there; give this one another port (MASTER_PORT)");
    store = open(place, true, std::max(timeout, kLeast));
  } catch (const std::exception& error) {
    hosted.erase(place.name());
    TORCH_CHECK(false, "rank 0 cannot keep the store at ", place.name(), ": ", message_of(error));
  }
}

std::vector<uint8_t> bytes(const std::string& text) { return {text.begin(), text.end()}; }

}  // namespace

Store Store::connect(const StorePlace& place, bool hosts, Milliseconds timeout) {
  if (hosts) host(place, timeout);
  try {
    TORCH_CHECK(answers(place.address, place.port, timeout), "nothing listens there");
    auto store = open(place, false, std::max(timeout, kLeast));
    return Store(std::make_shared<Impl>(Impl{store})).under(place.prefix);
  } catch (const std::exception& error) {
    TORCH_CHECK(false, "no store answers at ", place.name(), ": is ",
                place.kept_by_launcher ? "the launcher" : "rank 0", " running, and does this machine reach it? (",
                message_of(error), ")");
  }
}

Store Store::under(const std::string& prefix) const {
  return Store(std::make_shared<Impl>(Impl{c10::make_intrusive<c10d::PrefixStore>(prefix, impl_->store)}));
}

void Store::set(const std::string& key, const std::string& text) { impl_->store->set(key, bytes(text)); }

std::optional<std::string> Store::get(const std::string& key) {
  if (!impl_->store->check({key})) return {};
  const auto value = impl_->store->get(key);
  return std::string(value.begin(), value.end());
}

std::string Store::set_first(const std::string& key, const std::string& text) {
  const auto value = impl_->store->compareSet(key, {}, bytes(text));
  return {value.begin(), value.end()};
}

int64_t Store::add(const std::string& key, int64_t value) { return impl_->store->add(key, value); }

}  // namespace awp
