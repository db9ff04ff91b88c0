#pragma once
// Work in the background, and a time limit for what has none: c10d's store waits for ever where a link is cut.
#include <future>
#include <optional>
#include <thread>

#include "distributed/store.h"

namespace awp {

// What `work` will return or throw. It goes on whatever becomes of the future: it must own all that it uses.
template <typename Work>
auto in_background(Work work) -> std::future<decltype(work())> {
  std::packaged_task<decltype(work())()> task(std::move(work));
  auto result = task.get_future();
  std::thread(std::move(task)).detach();
  return result;
}

// What `work` returns; nothing where it throws or takes longer. It goes on in the background then.
template <typename Work>
auto within(Milliseconds limit, Work work) -> std::optional<decltype(work())> {
  auto result = in_background(std::move(work));
  if (result.wait_for(limit) != std::future_status::ready) return {};
  try {
    return result.get();
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace awp
