#include "distributed/host-values.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <numeric>
#include <thread>

#include "distributed/hash.h"

namespace awp {
namespace {

// So much padding at most is cheaper than a message of each rank's own.
constexpr int64_t kPadding = 1 << 20;

int64_t hash(const std::string& text) { return static_cast<int64_t>(hash_of(text)); }

std::vector<at::Tensor> all(Transport& transport, int ranks, const at::Tensor& own) {
  std::vector<at::Tensor> results;
  for (int rank = 0; rank < ranks; rank++) results.push_back(at::empty_like(own));
  transport.all_gather(results, own)();
  return results;
}

// One message for all, of the longest one's length.
std::vector<Bytes> padded(Group& group, Transport& transport, const Bytes& own, const std::vector<int64_t>& lengths) {
  const auto longest = *std::max_element(lengths.begin(), lengths.end());
  const auto message = at::zeros({longest}, at::kByte);
  if (!own.empty()) std::memcpy(message.data_ptr(), own.data(), own.size());
  const auto messages = all(transport, group.size(), message);
  std::vector<Bytes> values;
  for (int rank = 0; rank < group.size(); rank++) {
    const auto* begin = messages[rank].data_ptr<uint8_t>();
    values.emplace_back(begin, begin + lengths[rank]);
  }
  return values;
}

// One after the other, each of its own length: a checkpoint that rank 0 alone has must not take its size for every
// rank.
std::vector<Bytes> in_turn(Group& group, Transport& transport, Bytes own, const std::vector<int64_t>& lengths) {
  std::vector<Bytes> values(group.size());
  values[group.rank()] = std::move(own);
  for (int rank = 0; rank < group.size(); rank++) {
    if (lengths[rank] == 0) continue;
    values[rank].resize(lengths[rank]);
    transport.broadcast(at::from_blob(values[rank].data(), {lengths[rank]}, at::kByte), rank)();
  }
  return values;
}

std::vector<Bytes> gathered(Group& group, Transport& transport, const Collective& collective, Bytes own) {
  // All have to know the lengths, and whether they have called the same.
  const auto own_head = at::tensor({hash(collective.name), static_cast<int64_t>(own.size())}, at::kLong);
  std::vector<int64_t> lengths;
  for (const auto& head : all(transport, group.size(), own_head)) {
    if (head.data_ptr<int64_t>()[0] != hash(collective.name)) group.refuse(collective, {collective.name});
    lengths.push_back(head.data_ptr<int64_t>()[1]);
  }
  const auto longest = *std::max_element(lengths.begin(), lengths.end());
  if (longest == 0) return std::vector<Bytes>(group.size());
  const auto padding = longest * group.size() - std::accumulate(lengths.begin(), lengths.end(), int64_t{0});
  return padding <= kPadding ? padded(group, transport, own, lengths)
                             : in_turn(group, transport, std::move(own), lengths);
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
  queue().push([group, collective, own = std::move(own), done = std::move(done)]() mutable {
    Gathered result;
    try {
      group->perform_on_host_values(collective, [&](const Connections& to) {
        result.values = gathered(*group, *to.host, collective, std::move(own));
      });
    } catch (const CollectiveError& error) {
      result.error = error;
    }
    done(std::move(result));
  });
}

}  // namespace awp
