// The memory of large tensors on the CPU, kept for the next ones: what malloc hands back and fetches again costs the
// kernel a cleared page every 4 KB, a tenth of a training step. Together with what is alive it never holds more than
// an eighth above what was alive at once.
#include "device/memory.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace awp {
namespace {

constexpr size_t kLarge = size_t{1} << 18;
constexpr size_t kPage = size_t{1} << 12;
// The size of a huge page, which spares the processor most of the look-ups of addresses.
constexpr size_t kHugePage = size_t{1} << 21;

// One part in so many is kept beyond the peak: with none, a pass of other sizes than the last fetches its memory anew.
constexpr size_t kSlack = 8;

size_t rounded(size_t size, size_t unit) { return (size + unit - 1) / unit * unit; }

struct Block {
  char* data;
  size_t size;
};

class Pool {
 public:
  char* take(size_t bytes) {
    const size_t size = rounded(bytes, kPage);
    const std::lock_guard<std::mutex> lock(mutex_);
    Block block = reused(size);
    if (block.data == nullptr) {
      peak_ = std::max(peak_, live_ + size);
      while (!kept_.empty() && live_ + size + kept_bytes_ > peak_ + peak_ / kSlack) drop(kept_.begin());
      block = {mapped(size), size};
    }
    live_ += block.size;
    peak_ = std::max(peak_, live_);
    sizes_[block.data] = block.size;
    return block.data;
  }

  // False for memory that is not of the pool.
  bool give(char* data) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = sizes_.find(data);
    if (found == sizes_.end()) return false;
    kept_.push_back({data, found->second});
    kept_bytes_ += found->second;
    live_ -= found->second;
    sizes_.erase(found);
    return true;
  }

 private:
  // The last block given back that fits with at most an eighth to spare: what it held may still be in the caches.
  Block reused(size_t size) {
    for (auto block = kept_.rbegin(); block != kept_.rend(); ++block) {
      if (block->size < size || block->size > size + size / 8) continue;
      const Block chosen = *block;
      kept_bytes_ -= chosen.size;
      kept_.erase(std::next(block).base());
      return chosen;
    }
    return {nullptr, 0};
  }

  void drop(std::vector<Block>::iterator block) {
    munmap(block->data, block->size);
    kept_bytes_ -= block->size;
    kept_.erase(block);
  }

  static char* mapped(size_t size) {
    const size_t alignment = size < kHugePage ? kPage : kHugePage;
    const size_t room = size + alignment - kPage;
    void* start = mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TORCH_CHECK(start != MAP_FAILED, "no memory for ", size, " bytes");
    char* first = static_cast<char*>(start);
    char* data = reinterpret_cast<char*>(rounded(reinterpret_cast<size_t>(first), alignment));
    const size_t before = static_cast<size_t>(data - first);
    const size_t behind = room - size - before;
    if (before > 0) munmap(first, before);
    if (behind > 0) munmap(data + size, behind);
#ifdef MADV_HUGEPAGE
    if (size >= kHugePage) madvise(data, size, MADV_HUGEPAGE);
#endif
    return data;
  }

  std::mutex mutex_;
  // The blocks that nobody uses, in the order in which they were given back.
  std::vector<Block> kept_;
  std::unordered_map<char*, size_t> sizes_;
  size_t live_ = 0;
  size_t kept_bytes_ = 0;
  size_t peak_ = 0;
};

// Never destroyed: tensors may outlive every static object.
Pool& pool() {
  static Pool* const instance = new Pool();
  return *instance;
}

void release(void* data) {
  if (data != nullptr && !pool().give(static_cast<char*>(data))) c10::GetDefaultCPUAllocator()->raw_deallocate(data);
}

// The methods are not marked `override`: libtorch changed the constness of `allocate` and added `copy_data`.
struct PooledAllocator final : c10::Allocator {
  c10::DataPtr allocate(size_t size) const { return taken(size); }
  c10::DataPtr allocate(size_t size) { return taken(size); }
  c10::DeleterFnPtr raw_deleter() const override { return &release; }
  void copy_data(void* to, const void* from, size_t size) const { std::copy_n(static_cast<const char*>(from), size, static_cast<char*>(to)); }

 private:
  static c10::DataPtr taken(size_t size) {
    void* data = size < kLarge ? c10::GetDefaultCPUAllocator()->raw_allocate(size) : pool().take(size);
    return {data, data, &release, c10::Device(c10::kCPU)};
  }
};

}  // namespace

void pool_memory() {
#ifdef __SANITIZE_ADDRESS__
  // The sanitizer watches malloc's memory only.
  return;
#endif
  static PooledAllocator allocator;
  c10::SetCPUAllocator(&allocator);
}

}  // namespace awp
