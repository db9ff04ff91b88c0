#pragma once
// A promise that a thread of our own settles.
#include <node_api.h>

#include <functional>
#include <memory>
#include <mutex>

namespace awp {

// Whether JavaScript's thread is still there: Node frees what settles its promises when it ends, whoever else has it.
struct Life {
  std::mutex mutex;
  bool ended = false;
};

class Promise {
 public:
  // Makes its value, or throws what it is rejected with, on JavaScript's thread.
  using Value = std::function<napi_value(napi_env)>;

  // On JavaScript's thread, which it keeps alive until it is settled.
  Promise(napi_env env, const char* name);
  napi_value promise() const { return promise_; }

  // From any thread, once. Where JavaScript has ended nothing happens.
  void settle(Value value) const;

 private:
  napi_value promise_ = nullptr;
  napi_threadsafe_function function_ = nullptr;
  std::shared_ptr<Life> life_;
};

}  // namespace awp
