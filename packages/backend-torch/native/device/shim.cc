#include "device/shim.h"

#include <c10/util/Exception.h>

#if defined(__GLIBC__)
#include <setjmp.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <memory>
#include <mutex>
#include <vector>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#else
// What tells AddressSanitizer which stack is in use.
static void __sanitizer_start_switch_fiber(void**, const void*, size_t) {}
static void __sanitizer_finish_switch_fiber(void*, const void**, size_t*) {}
#endif
#endif

namespace awp::cuda {

Extent threadIdx, blockIdx, blockDim, gridDim;

#if defined(__GLIBC__)

namespace {

constexpr size_t kPage = size_t{1} << 12;
constexpr size_t kStack = size_t{1} << 18;
constexpr unsigned kMostThreads = 1024;

// What runs on a stack of its own and rests while another one runs.
struct Resting {
  ucontext_t context;
  jmp_buf place;
  bool entered = false;
};

// swapcontext() asks the system for the mask of signals at every switch, which takes most of a test's time: once a stack
// has been entered, a jump will do. AddressSanitizer follows contexts alone.
void switch_stacks(Resting& from, Resting& to) {
#ifndef __SANITIZE_ADDRESS__
  if (to.entered) {
    if (_setjmp(from.place) == 0) _longjmp(to.place, 1);
    return;
  }
  to.entered = true;
  from.entered = true;
  if (_setjmp(from.place) == 0) setcontext(&to.context);
#else
  swapcontext(&from.context, &to.context);
#endif
}

// A thread of a block: it runs the current body again and again, and rests at barriers and ends.
struct Fiber : Resting {
  char* stack;
  void* fake_stack = nullptr;
  bool ended = false;
};

// The stack that the fibers are run from.
struct Scheduler : Resting {
  void* fake_stack = nullptr;
  const void* stack = nullptr;
  size_t stack_size = 0;
};

// Kept for the next launch; never destroyed, as the fibers rest in the middle of their functions.
std::vector<std::unique_ptr<Fiber>>& fibers = *new std::vector<std::unique_ptr<Fiber>>();
Scheduler scheduler;
Fiber* current = nullptr;
const std::function<void()>* current_body = nullptr;

void rest() {
  Fiber* self = current;
  __sanitizer_start_switch_fiber(&self->fake_stack, scheduler.stack, scheduler.stack_size);
  switch_stacks(*self, scheduler);
  __sanitizer_finish_switch_fiber(self->fake_stack, &scheduler.stack, &scheduler.stack_size);
}

void live() {
  __sanitizer_finish_switch_fiber(nullptr, &scheduler.stack, &scheduler.stack_size);
  for (;;) {
    (*current_body)();
    current->ended = true;
    rest();
  }
}

std::unique_ptr<Fiber> new_fiber() {
  auto fiber = std::make_unique<Fiber>();
  void* memory = mmap(nullptr, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  TORCH_CHECK(memory != MAP_FAILED, "no memory for the stack of a thread");
  // Who needs more than a stack ends here.
  mprotect(memory, kPage, PROT_NONE);
  fiber->stack = static_cast<char*>(memory) + kPage;
  getcontext(&fiber->context);
  fiber->context.uc_stack.ss_sp = fiber->stack;
  fiber->context.uc_stack.ss_size = kStack - kPage;
  fiber->context.uc_link = nullptr;
  makecontext(&fiber->context, live, 0);
  return fiber;
}

// Runs a thread to its next barrier or its end.
void resume(unsigned index) {
  current = fibers[index].get();
  threadIdx = {index % blockDim.x, index / blockDim.x % blockDim.y, index / blockDim.x / blockDim.y};
  __sanitizer_start_switch_fiber(&scheduler.fake_stack, current->stack, kStack - kPage);
  switch_stacks(scheduler, *current);
  __sanitizer_finish_switch_fiber(scheduler.fake_stack, nullptr, nullptr);
}

void run_block(unsigned threads, bool backwards) {
  for (unsigned i = 0; i < threads; i++) fibers[i]->ended = false;
  for (unsigned ended = 0; ended < threads;) {
    for (unsigned i = 0; i < threads; i++) {
      const unsigned index = backwards ? threads - 1 - i : i;
      resume(index);
      ended += fibers[index]->ended;
    }
    // The fibers that wait cannot be left: they are forgotten with their stacks.
    if (ended > 0 && ended < threads) {
      for (auto& fiber : fibers) static_cast<void>(fiber.release());
      fibers.clear();
      TORCH_CHECK(false, ended, " of ", threads, " threads end where the others wait at a barrier");
    }
  }
}

}  // namespace

void __syncthreads() { rest(); }

void run_on_cpu(Extent grid, Extent block, const std::function<void()>& body) {
  const unsigned threads = block.x * block.y * block.z;
  TORCH_CHECK(threads > 0 && threads <= kMostThreads, threads, " threads in a block");
  static std::mutex mutex;
  const std::lock_guard<std::mutex> lock(mutex);
  while (fibers.size() < threads) fibers.push_back(new_fiber());
  current_body = &body;
  gridDim = grid;
  blockDim = block;
  bool backwards = false;
  for (unsigned z = 0; z < grid.z; z++) {
    for (unsigned y = 0; y < grid.y; y++) {
      for (unsigned x = 0; x < grid.x; x++) {
        blockIdx = {x, y, z};
        run_block(threads, backwards);
        backwards = !backwards;
      }
    }
  }
}

#else

void __syncthreads() {}

void run_on_cpu(Extent, Extent, const std::function<void()>&) {
  TORCH_CHECK(false, "kernels for CUDA run on the CPU where the C library is glibc");
}

#endif

}  // namespace awp::cuda
