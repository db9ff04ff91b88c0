#include "napi/promise.h"

#include "napi/binding.h"

namespace awp {
namespace {

void settle_now(napi_env env, napi_value, void* context, void* data) {
  const std::unique_ptr<Promise::Value> value(static_cast<Promise::Value*>(data));
  if (env == nullptr) return;
  auto* const deferred = static_cast<napi_deferred>(context);
  napi_value result = nullptr;
  try {
    result = (*value)(env);
    if (result == nullptr) napi_get_undefined(env, &result);
    napi_resolve_deferred(env, deferred, result);
    return;
  } catch (const CollectiveError& error) {
    result = error_of(env, error);
  } catch (const std::exception& error) {
    napi_create_error(env, string(env, "ERR_TORCH"), string(env, message_of(error)), &result);
  }
  napi_reject_deferred(env, deferred, result);
}

}  // namespace

Promise::Promise(napi_env env, const char* name) {
  State* state = nullptr;
  napi_get_instance_data(env, reinterpret_cast<void**>(&state));
  life_ = state->life;
  napi_deferred deferred = nullptr;
  napi_create_promise(env, &deferred, &promise_);
  napi_create_threadsafe_function(env, nullptr, nullptr, string(env, name), 0, 1, nullptr, nullptr, deferred, settle_now,
                                  &function_);
}

void Promise::settle(Value value) const {
  const std::lock_guard lock(life_->mutex);
  if (life_->ended) return;
  auto* const data = new Value(std::move(value));
  if (napi_call_threadsafe_function(function_, data, napi_tsfn_blocking) != napi_ok) delete data;
  napi_release_threadsafe_function(function_, napi_tsfn_release);
}

}  // namespace awp
