#include "distributed/rendezvous.h"

#include <c10/util/Exception.h>

#include <map>
#include <mutex>
#include <sstream>
#include <thread>

#include "distributed/sockets.h"

namespace awp {
namespace {

constexpr auto kRetry = Milliseconds(20);
// Changes with what ranks tell one another.
constexpr auto kProtocol = 1;

std::string number(int64_t value) { return std::to_string(value); }
std::string generation_prefix(int64_t generation) { return "group/" + number(generation); }

// The groups that this process has joined at a store: the same store may serve one after the other.
int64_t& last_generation(const StorePlace& place) {
  static auto& generations = *new std::map<std::string, int64_t>();
  return generations[place.name() + place.prefix];
}

class Arrival {
 public:
  explicit Arrival(const World& world)
      : world_(world),
        deadline_(Clock::now() + world.join_timeout),
        store_(Store::connect(world.store, world.rank == 0 && !world.store.kept_by_launcher, world.join_timeout)) {}

  Meeting meet() {
    for (;;) {
      const int64_t generation = world_.rank == 0 ? open() : find();
      StorePlace place = world_.store;
      place.prefix += "/" + generation_prefix(generation);
      Store store = store_.under(generation_prefix(generation));
      last_generation(world_.store) = generation;
      check_world(store);
      register_in(store);
      // Rank 0 may have given up on this group and opened another.
      if (!wait_for_all(store, generation)) continue;
      return {place, store, address(store)};
    }
  }

 private:
  std::string description() const {
    std::ostringstream out;
    out << kProtocol << '\n' << AWP_TORCH_VERSION << '\n' << world_.job << '\n' << world_.size;
    return out.str();
  }

  int64_t open() {
    const int64_t generation = store_.add("groups", 1);
    store_.under(generation_prefix(generation)).set("world", description());
    store_.set("generation", number(generation));
    return generation;
  }

  int64_t find() {
    for (;;) {
      const auto text = store_.get("generation");
      if (text && std::stoll(*text) > last_generation(world_.store)) return std::stoll(*text);
      TORCH_CHECK(Clock::now() < deadline_, told(), "rank 0 has not come to the group within ", seconds(), " s");
      std::this_thread::sleep_for(kRetry);
    }
  }

  void check_world(Store& store) {
    std::istringstream theirs(store.get("world").value_or("")), ours(description());
    const char* const fields[] = {"protocol", "libtorch", "job", "size"};
    for (const std::string field : fields) {
      std::string there, here;
      std::getline(theirs, there);
      std::getline(ours, here);
      if (there == here) continue;
      if (field == "job") {
        TORCH_CHECK(false, told(), "the group there is another job's (", there, ", this is ", here,
                    "): give this one another port (MASTER_PORT)");
      }
      const std::string difference =
          field == "size" ? "rank " + number(world_.rank) + " was started as one of " + here + ", rank 0 as one of " + there
          : "rank " + number(world_.rank) + " has " + (field == "protocol" ? "another version of the addon" : "libtorch " + here) +
                (field == "protocol" ? "" : ", rank 0 has " + there);
      refuse(store, difference);
      TORCH_CHECK(false, told(), difference);
    }
  }

  void register_in(Store& store) {
    const auto local = local_address_towards(world_.store.address, world_.store.port);
    store.set("address/" + number(world_.rank), local);
    if (store.add("rank/" + number(world_.rank), 1) > 1) {
      const std::string twice = "two processes say that they are rank " + number(world_.rank) +
                                ": two jobs may have been given one port (MASTER_PORT)";
      refuse(store, twice);
      TORCH_CHECK(false, told(), twice);
    }
    store.add("count", 1);
  }

  // Ends it for those who wait, too.
  void refuse(Store& store, const std::string& reason) { store.set_first("refused", reason); }

  bool wait_for_all(Store& store, int64_t generation) {
    for (;;) {
      if (store.add("count", 0) == world_.size) return true;
      if (const auto reason = store.get("refused")) TORCH_CHECK(false, told(), *reason);
      if (world_.rank != 0 && store_.get("generation") != number(generation)) return false;
      if (Clock::now() >= deadline_) {
        std::string missing;
        for (int rank = 0; rank < world_.size; rank++) {
          if (!store.get("rank/" + number(rank))) missing += (missing.empty() ? "" : ", ") + number(rank);
        }
        TORCH_CHECK(false, told(), "of ", world_.size, " ranks these have not come within ", seconds(), " s: ", missing);
      }
      std::this_thread::sleep_for(kRetry);
    }
  }

  // Rank 0 may know itself by a name for its loopback; then an address that the others reach is wanted.
  std::string address(Store& store) {
    const auto of = [&](int rank) { return store.get("address/" + number(rank)).value_or(""); };
    const std::string own = of(world_.rank);
    for (int rank = 0; is_loopback(own) && rank < world_.size; rank++) {
      if (const auto other = of(rank); !other.empty() && !is_loopback(other)) {
        return local_address_towards(other, world_.store.port);
      }
    }
    return own;
  }

  std::string told() const {
    return "rank " + number(world_.rank) + " cannot join the group at " + world_.store.name() + ": ";
  }

  double seconds() const { return static_cast<double>(world_.join_timeout.count()) / 1000; }

  const World& world_;
  const Clock::time_point deadline_;
  Store store_;
};

}  // namespace

Meeting meet(const World& world) { return Arrival(world).meet(); }

}  // namespace awp
