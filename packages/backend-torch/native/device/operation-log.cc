#include "device/operation-log.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/record_function.h>

#include <set>

namespace awp {
namespace {

struct Log {
  at::CallbackHandle handle = 0;
  bool on = false;
  // Within how many operators that are counted already.
  int64_t depth = 0;
  Operations counts;
};

Log& log() {
  thread_local Log own;
  return own;
}

// Present while an operator runs inside which none is counted.
struct Counted : at::ObserverContext {};

// Operators that compute, but have no kernel for the CPU alone: one for all devices calls others.
const std::set<std::string> whole = {"aten::copy_", "aten::convolution", "aten::convolution_backward"};

// Operators that have a kernel for the CPU and compute nothing.
const std::set<std::string> idle = {"aten::empty",   "aten::empty_strided", "aten::as_strided", "aten::view",
                                    "aten::resize_", "aten::_reshape_alias", "aten::set_",      "aten::alias",
                                    "aten::unfold",  "aten::detach"};

// The results that are asked for: the last argument is a mask of them.
int64_t results(at::ArrayRef<const c10::IValue> inputs) {
  int64_t count = 0;
  if (!inputs.empty() && inputs.back().isBoolList()) {
    for (const bool wanted : inputs.back().toBoolList()) count += wanted ? 1 : 0;
  }
  return count;
}

// A conversion that names a device: on another one than the tensor's it would wait.
bool names_device(const std::string& name, at::ArrayRef<const c10::IValue> inputs) {
  if (name != "aten::to" && name != "aten::_to_copy") return false;
  for (const auto& input : inputs) {
    if (input.isDevice()) return true;
  }
  return false;
}

bool computes(const c10::OperatorName& name) {
  if (idle.count(name.name) > 0) return false;
  if (whole.count(name.name) > 0) return true;
  const auto found = c10::Dispatcher::singleton().findSchema(name);
  return found.has_value() && found->hasKernelForDispatchKey(c10::DispatchKey::CPU);
}

std::unique_ptr<at::ObserverContext> entering(const at::RecordFunction& function) {
  const auto name = function.operator_name();
  Log& own = log();
  if (!name.has_value() || own.depth > 0) return nullptr;
  if (names_device(name->name, function.inputs())) own.counts["to a device"]++;
  if (!computes(*name)) return nullptr;
  own.counts[name->name] += name->name == "aten::convolution_backward" ? results(function.inputs()) : 1;
  own.depth++;
  return std::make_unique<Counted>();
}

void leaving(const at::RecordFunction&, at::ObserverContext* context) {
  if (context != nullptr) log().depth--;
}

}  // namespace

void log_operations(bool on) {
  Log& own = log();
  if (on == own.on) return;
  own.on = on;
  own.depth = 0;
  if (!on) return at::removeCallback(own.handle);
  own.handle = at::addThreadLocalCallback(
      at::RecordFunctionCallback(entering, leaving).needsInputs(true).scopes({at::RecordScope::FUNCTION}));
}

Operations take_operations() {
  Operations counts;
  counts.swap(log().counts);
  return counts;
}

void log_operation(const std::string& name) {
  Log& own = log();
  if (own.on && own.depth == 0) own.counts[name]++;
}

}  // namespace awp
