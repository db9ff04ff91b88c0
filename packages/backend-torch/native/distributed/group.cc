#include "distributed/group.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <thread>
#include <utility>

#include "distributed/within.h"
#include "kernels/call.h"

namespace awp {
namespace {

std::string text_of(const Signature& signature) {
  std::string text;
  for (const auto& line : signature) text += line + "\n";
  return text;
}

Signature signature_of(const std::string& text) {
  std::istringstream in(text);
  Signature signature;
  for (std::string line; std::getline(in, line);) signature.push_back(line);
  return signature;
}

// The first thing in which two calls differ.
std::string difference(int rank, const Signature& own, int other, const Signature& theirs) {
  const auto is = [](int rank, const std::string& what) { return what + " on rank " + std::to_string(rank); };
  const auto both = [&](const std::string& here, const std::string& there) {
    // The lower rank first, so that all say the same.
    return rank < other ? is(rank, here) + " and " + is(other, there) : is(other, there) + " and " + is(rank, here);
  };
  if (own[0] != theirs[0]) return "it is " + both(own[0], theirs[0]);
  if (own.size() != theirs.size()) {
    return "it has " + both(std::to_string(own.size() - 1) + " tensors", std::to_string(theirs.size() - 1));
  }
  for (size_t i = 1; i < own.size(); i++) {
    if (own[i] != theirs[i]) return "tensor " + std::to_string(i - 1) + " is " + both(own[i], theirs[i]);
  }
  return "";
}

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// One digit after the point.
std::string rounded(double seconds) {
  std::ostringstream out;
  out.precision(1);
  out << std::fixed << seconds;
  return out.str();
}

// After so long without a connection it is time to look whether somebody is gone.
constexpr auto kPatience = Milliseconds(5000);

// Whether each rank has a GPU of its own, as NCCL wants.
bool each_has_a_gpu(Transport& host, int size) {
  const auto own = at::full({1}, own_gpu(), at::kLong);
  std::vector<at::Tensor> all;
  for (int rank = 0; rank < size; rank++) all.push_back(at::empty_like(own));
  host.all_gather(all, own)();
  std::set<int64_t> gpus;
  for (const auto& gpu : all) gpus.insert(gpu.item<int64_t>());
  return gpus.count(0) == 0 && static_cast<int>(gpus.size()) == size;
}

struct Connected {
  Connections tensors;
  Connections values;
};

Connected connected(const Store& store, const World& world, const std::string& local) {
  const auto gloo = [&](const char* name) { return connect_gloo(store.under(name), world, local); };
  Connected all;
  all.values.host = gloo("values");
  all.tensors.host = gloo("tensors");
  if (each_has_a_gpu(*all.tensors.host, world.size)) all.tensors.devices = connect_nccl(store, world);
  return all;
}

std::shared_ptr<Group>& current() {
  // Never destroyed: the process may end in the middle of a collective, and waits for nobody then.
  static auto& group = *new std::shared_ptr<Group>();
  return group;
}

std::mutex& current_mutex() {
  static auto& mutex = *new std::mutex();
  return mutex;
}

}  // namespace

Group::Group(const World& world)
    : world_(world),
      meeting_(meet(world_)),
      heartbeat_(Store::connect(meeting_.place, false, world_.join_timeout), world_.rank) {
  connect();
}

void Group::connect() {
  const auto start = Clock::now();
  const auto end = start + world_.join_timeout;
  Failure failure{rank(), size(), 0, "", ""};
  try {
    // Gloo and NCCL have no time limit here, or that of the collectives, and do not see that a rank is gone.
    auto connecting = in_background([store = meeting_.store, world = world_, local = meeting_.local] {
      return connected(store, world, local);
    });
    // Two looks: a busy machine may hold a rank's heartbeat for longer than one.
    for (int looks = 0; looks < 2 && Clock::now() < end;) {
      const auto patience = looks == 0 ? kPatience : Milliseconds(0);
      if (connecting.wait_until(std::min(end, Clock::now() + patience)) == std::future_status::ready) {
        auto all = connecting.get();
        tensors_ = std::move(all.tensors);
        values_ = std::move(all.values);
        return;
      }
      looks = Clock::now() < end && trouble(meeting_.place, failure) ? looks + 1 : 0;
    }
    failure.reason = "it has waited for " + rounded(seconds_since(start)) + " s";
  } catch (const std::exception& error) {
    failure.reason = message_of(error);
  }
  TORCH_CHECK(false, "rank ", rank(), " cannot connect to the other ranks by way of ", meeting_.local, ": ",
              agreed(failure).message);
}

Collective Group::next(const std::string& kind, const std::string& what) {
  const std::lock_guard lock(mutex_);
  const int64_t number = ++number_;
  const Collective collective{number, kind + " " + std::to_string(number) + (what.empty() ? "" : " (" + what + ")")};
  if (!verdict_) verdict_ = heartbeat_.verdict();
  if (verdict_) {
    close();
    throw error(collective, 0, *verdict_);
  }
  heartbeat_.came_to(number, collective.name);
  return collective;
}

void Group::perform(const Collective& collective, const Connections& connections, const Part& part) {
  const auto start = Clock::now();
  Connections held;
  {
    const std::lock_guard lock(mutex_);
    held = connections;
    if (held.host == nullptr) {
      throw error(collective, 0, verdict_.value_or(Verdict{"this process has left the group", {rank()}}));
    }
  }
  std::string reason;
  try {
    part(held);
    return;
  } catch (const CollectiveError&) {
    throw;
  } catch (const std::exception& error) {
    reason = message_of(error);
  }
  // It may be the last reference, and must be gone before the others can see that this rank has given up.
  held = {};
  throw failed(collective, start, reason);
}

CollectiveError Group::failed(const Collective& collective, Clock::time_point start, const std::string& reason) {
  const double seconds = seconds_since(start);
  {
    const std::lock_guard lock(mutex_);
    close();
    if (verdict_) return error(collective, seconds, *verdict_);
  }
  const auto verdict = agreed({rank(), size(), collective.number, collective.name, reason});
  return error(collective, seconds, verdict);
}

// Who is to blame, which the others know then, too.
Verdict Group::agreed(const Failure& failure) {
  const auto own = diagnosis(meeting_.place, failure);
  // What all have agreed on, where it came before the store went.
  const auto verdict = heartbeat_.verdict().value_or(own);
  {
    const std::lock_guard lock(mutex_);
    verdict_ = verdict;
  }
  heartbeat_.tell(Condition::kTold);
  if (rank() == 0 && !world_.store.kept_by_launcher) wait_until_all_know(meeting_.place, failure, verdict);
  return verdict;
}

CollectiveError Group::error(const Collective& collective, double seconds, const Verdict& verdict) const {
  return {"rank " + std::to_string(rank()) + ": " + collective.name + " failed after " + rounded(seconds) +
              " s: " + verdict.message,
          rank(), collective.name, seconds, verdict.missing};
}

void Group::refuse(const Collective& collective, const Signature& own) {
  const auto place = meeting_.place;
  const int own_rank = rank();
  const int ranks = size();
  const auto found = within(Milliseconds(5000), [=] {
    Store store = Store::connect(place, false, Milliseconds(3000)).under("calls/" + std::to_string(collective.number));
    store.set(std::to_string(own_rank), text_of(own));
    const auto end = Clock::now() + Milliseconds(3000);
    for (int other = 0; other < ranks && Clock::now() < end;) {
      const auto text = other == own_rank ? std::nullopt : store.get(std::to_string(other));
      if (text && signature_of(*text) != own) {
        return Verdict{"the ranks do not agree: " + difference(own_rank, own, other, signature_of(*text)), {other}};
      }
      if (text || other == own_rank) other++;
      else std::this_thread::sleep_for(Milliseconds(20));
    }
    return Verdict{"the ranks do not agree on what it is: this one has " + own[0], {}};
  });
  const std::lock_guard lock(mutex_);
  close();
  verdict_ = found.value_or(Verdict{"the ranks do not agree on what it is, and the store does not answer", {}});
  throw error(collective, 0, *verdict_);
}

void Group::leave(const std::string& error) {
  heartbeat_.tell(error.empty() ? Condition::kLeft : Condition::kFailed, error);
  const std::lock_guard lock(mutex_);
  close();
}

// Under the lock.
void Group::close() {
  // What still uses a connection holds it; a group's destructor waits for what is under way.
  std::thread([tensors = std::exchange(tensors_, {}), values = std::exchange(values_, {})]() mutable {
    tensors = {};
    values = {};
  }).detach();
}

std::shared_ptr<Group> current_group() {
  const std::lock_guard lock(current_mutex());
  TORCH_CHECK(current() != nullptr, "this process has not joined a group");
  return current();
}

bool has_group() {
  const std::lock_guard lock(current_mutex());
  return current() != nullptr;
}

void set_current_group(std::shared_ptr<Group> group) {
  const std::lock_guard lock(current_mutex());
  current() = std::move(group);
}

}  // namespace awp
