#pragma once
// The key-value store that the ranks of a group find one another through: c10d's TCPStore.
#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace awp {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

struct StorePlace {
  std::string address;
  int port;
  // Of all keys.
  std::string prefix;
  // Whether the launcher keeps it, as torchrun's agent does; else rank 0 does.
  bool kept_by_launcher;

  std::string name() const { return address + ":" + std::to_string(port); }
};

class Store {
 public:
  // A connection to the store, which is made here first where `host` is set; it lasts as long as the process then. One
  // thread at a time may use a connection.
  static Store connect(const StorePlace& place, bool host, Milliseconds timeout);

  // The same connection, with this in front of all keys.
  Store under(const std::string& prefix) const;

  void set(const std::string& key, const std::string& text);
  // Nothing where it has not been set.
  std::optional<std::string> get(const std::string& key);
  // Sets what has not been set; what the key holds then.
  std::string set_first(const std::string& key, const std::string& text);
  // The sum of all that was added.
  int64_t add(const std::string& key, int64_t value);

  // c10d's own, for its process groups.
  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit Store(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace awp
