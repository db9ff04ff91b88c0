#include "distributed/heartbeat.h"

#include <condition_variable>
#include <mutex>
#include <sstream>
#include <thread>

namespace awp {
namespace {

constexpr auto kInterval = Milliseconds(500);

std::string key_of(int rank) { return "beat/" + std::to_string(rank); }
constexpr auto kVerdict = "verdict";

// One field a line; messages and names have one line.
std::string text_of(const Beat& beat) {
  std::ostringstream out;
  out << beat.count << '\n'
      << static_cast<int64_t>(beat.time) << '\n'
      << beat.number << '\n'
      << static_cast<int>(beat.condition) << '\n'
      << beat.collective << '\n'
      << beat.message;
  return out.str();
}

double now_in_ms() {
  return static_cast<double>(
      std::chrono::duration_cast<Milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
}

Verdict parsed(const std::string& text) {
  std::istringstream in(text);
  Verdict verdict;
  std::string ranks;
  std::getline(in, ranks);
  std::getline(in, verdict.message);
  std::istringstream list(ranks);
  for (int rank; list >> rank;) verdict.missing.push_back(rank);
  return verdict;
}

}  // namespace

std::optional<Beat> beat_of(Store& store, int rank) {
  const auto text = store.get(key_of(rank));
  if (!text) return {};
  std::istringstream in(*text);
  Beat beat;
  int condition = 0;
  in >> beat.count >> beat.time >> beat.number >> condition;
  in.ignore();
  std::getline(in, beat.collective);
  std::getline(in, beat.message);
  beat.condition = static_cast<Condition>(condition);
  return beat;
}

std::optional<Verdict> verdict_in(Store& store) {
  const auto text = store.get(kVerdict);
  if (!text) return {};
  return parsed(*text);
}

Verdict agree_on(Store& store, const Verdict& verdict) {
  std::ostringstream out;
  for (const int rank : verdict.missing) out << rank << ' ';
  out << '\n' << verdict.message;
  return parsed(store.set_first(kVerdict, out.str()));
}

struct Heartbeat::State {
  State(Store store, int rank) : store(std::move(store)), rank(rank) {}

  Store store;
  const int rank;
  std::mutex mutex;
  std::condition_variable changed;
  // Beats that were asked for at once, and those of them that were written.
  int64_t asked = 0;
  int64_t written = 0;
  bool ended = false;
  bool writing = false;
  Beat beat;
  std::optional<Verdict> verdict;
};

Heartbeat::Heartbeat(Store store, int rank) : state_(std::make_shared<State>(std::move(store), rank)) {
  // On its own: a store that does not answer must hold nobody.
  std::thread([state = state_] { beat(state); }).detach();
}

void Heartbeat::end() {
  std::unique_lock lock(state_->mutex);
  state_->ended = true;
  state_->changed.notify_all();
  state_->changed.wait_for(lock, Milliseconds(100), [&] { return !state_->writing; });
}

void Heartbeat::beat(const std::shared_ptr<State>& state) {
  try {
    std::unique_lock lock(state->mutex);
    while (!state->ended) {
      state->beat.count++;
      state->beat.time = now_in_ms();
      const auto text = text_of(state->beat);
      const auto asked = state->asked;
      state->writing = true;
      lock.unlock();
      state->store.set(key_of(state->rank), text);
      auto verdict = verdict_in(state->store);
      lock.lock();
      if (verdict) state->verdict = std::move(verdict);
      state->written = asked;
      state->writing = false;
      state->changed.notify_all();
      state->changed.wait_for(lock, kInterval, [&] { return state->ended || state->asked > state->written; });
    }
  } catch (const std::exception&) {
    // The store is gone: there is nobody to tell. A collective that needs it says so.
    const std::lock_guard lock(state->mutex);
    state->ended = true;
    state->writing = false;
    state->changed.notify_all();
  }
}

void Heartbeat::came_to(int64_t number, const std::string& collective) {
  const std::lock_guard lock(state_->mutex);
  state_->beat.number = number;
  state_->beat.collective = collective;
}

void Heartbeat::tell(Condition condition, const std::string& message) {
  std::unique_lock lock(state_->mutex);
  state_->beat.condition = condition;
  state_->beat.message = message.substr(0, message.find('\n'));
  const auto asked = ++state_->asked;
  state_->changed.notify_all();
  state_->changed.wait_for(lock, std::chrono::seconds(1), [&] { return state_->ended || state_->written >= asked; });
}

std::optional<Verdict> Heartbeat::verdict() const {
  const std::lock_guard lock(state_->mutex);
  return state_->verdict;
}

}  // namespace awp
