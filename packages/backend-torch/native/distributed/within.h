#pragma once
// A time limit for what has none: c10d's store waits for ever where a link is cut.
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "distributed/store.h"

namespace awp {

// What `work` returns; nothing where it throws or takes longer. It goes on in the background then: it must own all that
// it uses.
template <typename Work>
auto within(Milliseconds limit, Work work) -> std::optional<decltype(work())> {
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    std::optional<decltype(work())> result;
  };
  const auto shared = std::make_shared<Shared>();
  std::thread([shared, work = std::move(work)]() mutable {
    std::optional<decltype(work())> result;
    try {
      result = work();
    } catch (const std::exception&) {
    }
    const std::lock_guard lock(shared->mutex);
    shared->result = std::move(result);
    shared->done = true;
    shared->changed.notify_all();
  }).detach();
  std::unique_lock lock(shared->mutex);
  shared->changed.wait_for(lock, limit, [&] { return shared->done; });
  return shared->result;
}

}  // namespace awp
