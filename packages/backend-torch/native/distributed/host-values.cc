#include "distributed/host-values.h"

#include <ATen/ATen.h>

#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

#include "distributed/hash.h"

namespace awp {
namespace {

int64_t hash(const std::string& text) { return static_cast<int64_t>(hash_of(text)); }

std::vector<at::Tensor> all(Transport& transport, int ranks, const at::Tensor& own) {
  std::vector<at::Tensor> results;
  for (int rank = 0; rank < ranks; rank++) results.push_back(at::empty_like(own));
  transport.all_gather(results, own)();
  return results;
}

std::vector<Bytes> gathered(Group& group, Transport& transport, const Collective& collective, const Bytes& own) {
  const auto length = static_cast<int64_t>(own.size());
  // All have to know the longest, and whether they have called the same.
  const auto heads = all(transport, group.size(), at::tensor({hash(collective.name), length}, at::kLong));
  int64_t longest = 0;
  for (const auto& head : heads) {
    if (head.data_ptr<int64_t>()[0] != hash(collective.name)) group.refuse(collective, {collective.name});
    longest = std::max(longest, head.data_ptr<int64_t>()[1]);
  }
  std::vector<Bytes> values(group.size());
  if (longest == 0) return values;
  const auto padded = at::zeros({longest}, at::kByte);
  if (length > 0) std::memcpy(padded.data_ptr(), own.data(), own.size());
  const auto bytes = all(transport, group.size(), padded);
  for (int rank = 0; rank < group.size(); rank++) {
    const auto* begin = bytes[rank].data_ptr<uint8_t>();
    values[rank].assign(begin, begin + heads[rank].data_ptr<int64_t>()[1]);
  }
  return values;
}

// Runs one piece of work after the other, on a thread that ends when there is none.
class Queue {
 public:
  void push(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    works_.push_back(std::move(work));
    if (works_.size() == 1) std::thread([this] { run(); }).detach();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (!works_.empty()) {
      const auto& work = works_.front();
      lock.unlock();
      work();
      lock.lock();
      works_.pop_front();
    }
  }

  std::mutex mutex_;
  // Its first one is under way.
  std::deque<std::function<void()>> works_;
};

// Outlives the process's end, as the thread may.
Queue& queue() {
  static auto& only = *new Queue();
  return only;
}

}  // namespace

void gather(const std::shared_ptr<Group>& group, const std::string& kind, const std::string& what, Bytes own,
            std::function<void(Gathered)> done) {
  const auto collective = group->next(kind, what);
  queue().push([group, collective, own = std::move(own), done = std::move(done)] {
    Gathered result;
    try {
      group->perform_on_host_values(
          collective, [&](const Connections& to) { result.values = gathered(*group, *to.host, collective, own); });
    } catch (const CollectiveError& error) {
      result.error = error;
    }
    done(std::move(result));
  });
}

}  // namespace awp
