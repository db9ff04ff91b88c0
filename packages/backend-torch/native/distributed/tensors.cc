#include "distributed/tensors.h"

#include <deque>
#include <functional>
#include <sstream>

#include "distributed/hash.h"

namespace awp {
namespace {

// Every collective begins with a sum over a small message of one size. It shows whether all ranks have called the same,
// which Gloo answers by ending the process where sizes differ, and takes along what has room in it.
constexpr int64_t kHeader = 1024;
constexpr int64_t kPieces = 4;
constexpr int64_t kRoom = kHeader - 2 * kPieces;
// Small tensors travel together; a larger one by itself, which spares two copies of it.
constexpr int64_t kBucketBytes = 25 << 20;
constexpr int64_t kLargeBytes = 1 << 20;
// One is packed while the other travels.
constexpr size_t kUnderWay = 2;

// 16 bits each: float32 adds such numbers of 256 ranks without an error.
void write_pieces(float* to, uint64_t value) {
  for (int64_t i = 0; i < kPieces; i++) to[i] = static_cast<float>((value >> (16 * i)) & 0xffff);
}

bool same_on_all(const float* sums, uint64_t value, int ranks) {
  float own[kPieces];
  write_pieces(own, value);
  for (int64_t i = 0; i < kPieces; i++) {
    if (sums[i] != own[i] * static_cast<float>(ranks)) return false;
  }
  return true;
}

Signature signature_of(const Collective& collective, const Tensors& tensors) {
  Signature lines{collective.name};
  for (const auto& tensor : tensors) {
    std::ostringstream line;
    line << tensor.scalar_type() << tensor.sizes();
    lines.push_back(line.str());
  }
  return lines;
}

std::string joined(const Signature& lines) {
  std::string text;
  for (const auto& line : lines) text += line + '\n';
  return text;
}

std::string layout_of(const Tensors& tensors) {
  std::ostringstream text;
  for (const auto& tensor : tensors) text << tensor.strides();
  return text.str();
}

int64_t elements_of(const Tensors& tensors) {
  int64_t sum = 0;
  for (const auto& tensor : tensors) sum += tensor.numel();
  return sum;
}

// The elements in the order of memory.
at::Tensor flat(const at::Tensor& tensor) { return tensor.as_strided({tensor.numel()}, {1}); }

int64_t padded_bytes(const at::Tensor& tensor) { return (static_cast<int64_t>(tensor.nbytes()) + 3) / 4 * 4; }

// Tensors that travel as one.
struct Bucket {
  std::vector<size_t> members;
  int64_t bytes = 0;
};

std::vector<Bucket> buckets_of(const Tensors& tensors) {
  std::vector<Bucket> buckets;
  // The one that small tensors are put into.
  std::optional<size_t> open;
  for (size_t i = 0; i < tensors.size(); i++) {
    const auto bytes = padded_bytes(tensors[i]);
    if (bytes == 0) continue;
    if (bytes >= kLargeBytes) {
      buckets.push_back({{i}, bytes});
      continue;
    }
    if (!open || buckets[*open].bytes + bytes > kBucketBytes) {
      open = buckets.size();
      buckets.emplace_back();
    }
    buckets[*open].members.push_back(i);
    buckets[*open].bytes += bytes;
  }
  return buckets;
}

// Part of a bucket's bytes, as elements of a tensor.
at::Tensor part(const at::Tensor& bytes, int64_t offset, const at::Tensor& like) {
  return bytes.narrow(0, offset, static_cast<int64_t>(like.nbytes())).view(like.scalar_type());
}

template <typename Action>
void for_parts(const Bucket& bucket, const at::Tensor& bytes, const Tensors& tensors, Action action) {
  int64_t offset = 0;
  for (const size_t i : bucket.members) {
    action(part(bytes, offset, tensors[i]), i);
    offset += padded_bytes(tensors[i]);
  }
}

// Sends every bucket on its way with `start`, from the memory of that device, and returns what arrived. Where a rank's own
// values do not count, they are not packed.
Tensors exchanged(const Tensors& tensors, at::Device from, bool own_values,
                  const std::function<Transport::Wait(const at::Tensor&)>& start) {
  Tensors results = unfilled_like(tensors);
  std::deque<std::function<void()>> under_way;
  const auto land = [&] {
    under_way.front()();
    under_way.pop_front();
  };
  // Whatever throws: what is under way still writes into its bytes.
  struct Finish {
    std::deque<std::function<void()>>& under_way;
    ~Finish() {
      for (const auto& wait : under_way) {
        try {
          wait();
        } catch (const std::exception&) {
        }
      }
    }
  } finish{under_way};
  for (const auto& bucket : buckets_of(tensors)) {
    if (under_way.size() == kUnderWay) land();
    const auto& first = results[bucket.members.front()];
    const bool in_place = bucket.members.size() == 1 && first.device() == from && bucket.bytes == static_cast<int64_t>(first.nbytes());
    const auto bytes = in_place ? flat(first).view(at::kByte) : at::empty({bucket.bytes}, at::TensorOptions(from).dtype(at::kByte));
    if (own_values) {
      for_parts(bucket, bytes, tensors, [&](const at::Tensor& to, size_t i) { to.copy_(flat(tensors[i])); });
    }
    under_way.push_back([wait = start(bytes), bytes, bucket, in_place, &results] {
      wait();
      if (in_place) return;
      for_parts(bucket, bytes, results, [&](const at::Tensor& from, size_t i) { flat(results[i]).copy_(from); });
    });
  }
  while (!under_way.empty()) land();
  return results;
}

struct Way {
  Transport& transport;
  // Whose memory it takes the bytes from.
  at::Device memory;
};

// By NCCL where the tensors are on a GPU and so are everyone's.
Way way_of(const Connections& to, const Tensors& tensors) {
  if (to.devices != nullptr && !tensors.empty() && tensors[0].is_cuda()) return {*to.devices, tensors[0].device()};
  return {*to.host, at::Device(at::kCPU)};
}

// What every collective begins with. Payload, where there is one, takes the sums that travelled along.
struct Agreed {
  bool same_layout;
  at::Tensor payload;
};

Agreed agree(Group& group, Transport& transport, const Collective& collective, const Tensors& tensors,
             const at::Tensor& payload) {
  const auto signature = signature_of(collective, tensors);
  const auto call = hash_of(joined(signature));
  const auto layout = hash_of(layout_of(tensors));
  const auto message = at::zeros({kHeader}, at::kFloat);
  float* const words = message.data_ptr<float>();
  write_pieces(words, call);
  write_pieces(words + kPieces, layout);
  auto room = message.narrow(0, 2 * kPieces, payload.defined() ? payload.numel() : 0);
  if (payload.defined()) room.copy_(payload);
  transport.all_reduce(message)();
  if (!same_on_all(words, call, group.size())) group.refuse(collective, signature);
  return {same_on_all(words + kPieces, layout, group.size()), room};
}

// Copies whose elements stand in row-major order, where ranks hold the same tensors in different orders.
Tensors in_order(const Tensors& tensors, bool as_they_are) {
  if (as_they_are) return tensors;
  Tensors ordered;
  for (const auto& tensor : tensors) ordered.push_back(tensor.contiguous());
  return ordered;
}

at::Tensor packed(const Tensors& tensors) {
  const auto payload = at::empty({elements_of(tensors)}, at::kFloat);
  int64_t offset = 0;
  for (const auto& tensor : tensors) {
    payload.narrow(0, offset, tensor.numel()).copy_(tensor.reshape({-1}));
    offset += tensor.numel();
  }
  return payload;
}

Tensors unpacked(const at::Tensor& payload, const Tensors& like) {
  Tensors results;
  int64_t offset = 0;
  for (const auto& tensor : like) {
    results.push_back(at::empty(tensor.sizes(), tensor.options()));
    results.back().copy_(payload.narrow(0, offset, tensor.numel()).reshape(tensor.sizes()));
    offset += tensor.numel();
  }
  return results;
}

std::string text(Call& call) {
  const auto bytes = call.integers();
  return {bytes.begin(), bytes.end()};
}

void refuse_in_graphs() {
  TORCH_CHECK(!capturing(), "processes cannot be waited for in a CUDA graph");
}

const bool collective_kernels = [] {
  define("AllReduce", [](Call& call) {
    const auto count = call.integer();
    const auto what = text(call);
    refuse_in_graphs();
    for (auto& sum : all_reduced(*current_group(), float_inputs(call, 0, count), what)) {
      call.put_in_any_order(std::move(sum));
    }
  });
  define("Broadcast", [](Call& call) {
    const auto count = call.integer();
    const auto what = text(call);
    refuse_in_graphs();
    Tensors tensors;
    for (int64_t i = 0; i < count; i++) {
      const auto& tensor = call.in_any_order(i);
      tensors.push_back(tensor.is_non_overlapping_and_dense() ? tensor : tensor.contiguous());
    }
    for (auto& value : broadcasted(*current_group(), tensors, what)) call.put_in_any_order(std::move(value));
  });
  return true;
}();

}  // namespace

Tensors all_reduced(Group& group, const Tensors& tensors, const std::string& what) {
  const auto collective = group.next("all-reduce", what);
  const bool small = elements_of(tensors) <= kRoom;
  Tensors results;
  group.perform_on_tensors(collective, [&](const Connections& to) {
    const auto agreed = agree(group, *to.host, collective, tensors, small ? packed(tensors) : at::Tensor());
    auto [transport, memory] = way_of(to, tensors);
    results = small ? unpacked(agreed.payload, tensors)
                    : exchanged(in_order(tensors, agreed.same_layout), memory, true,
                                [&](const at::Tensor& bytes) { return transport.all_reduce(bytes.view(at::kFloat)); });
  });
  return results;
}

Tensors broadcasted(Group& group, const Tensors& tensors, const std::string& what) {
  const auto collective = group.next("broadcast", what);
  Tensors results;
  group.perform_on_tensors(collective, [&](const Connections& to) {
    const auto agreed = agree(group, *to.host, collective, tensors, at::Tensor());
    auto [transport, memory] = way_of(to, tensors);
    results = exchanged(in_order(tensors, agreed.same_layout), memory, group.rank() == 0,
                        [&](const at::Tensor& bytes) { return transport.broadcast(bytes, 0); });
  });
  return results;
}

}  // namespace awp
