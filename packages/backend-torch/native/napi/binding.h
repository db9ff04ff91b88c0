#pragma once
// What the functions that JavaScript calls share: their arguments, errors, and the state of the environment.
#include <node_api.h>

#include <c10/core/InferenceMode.h>

#include <memory>
#include <string>

#include "distributed/error.h"
#include "kernels/call.h"
#include "napi/promise.h"
#include "recording/graph.h"
#include "recording/program.h"

namespace awp {

constexpr size_t kMaxArguments = 4;

// One for each environment: the main thread and every worker.
struct State {
  Handles handles;
  std::vector<std::unique_ptr<Program>> programs;
  // Whether recorded steps are graphs, which move variables in place.
  bool replays_in_place = Graph::wanted() && device().is_cuda();
  // Memory of the typed arrays that calls travel in; JavaScript keeps them alive through the references.
  int32_t* words = nullptr;
  size_t word_capacity = 0;
  double* numbers = nullptr;
  size_t number_capacity = 0;
  napi_ref word_reference = nullptr;
  napi_ref number_reference = nullptr;
  // JavaScript's class of the errors of collectives.
  napi_ref collective_error = nullptr;
  std::shared_ptr<Life> life = std::make_shared<Life>();
};

struct TypedArray {
  napi_typedarray_type type;
  size_t length;
  void* data;
};

struct Arguments {
  napi_env env;
  State* state;
  napi_value values[kMaxArguments];
  size_t count;

  int32_t integer(size_t index) const;
  TypedArray typed_array(size_t index) const;
  // A typed array of 32-bit integers.
  TypedArray integers(size_t index) const;
};

// The outputs, back in the words: for each its handle, type (0 float32, 1 int32, 2 bool), rank and sizes.
void write_outputs(State& state, const std::vector<at::Tensor>& outputs);

napi_value number(napi_env env, double value);
napi_value string(napi_env env, const std::string& value);
void set(napi_env env, napi_value object, const char* name, napi_callback function);
napi_value error_of(napi_env env, const CollectiveError& error);

// Runs the body with every C++ exception turned into a JavaScript one: none may cross into Node.
template <typename Body>
napi_value guarded(napi_env env, napi_callback_info info, Body body) {
  std::string message;
  try {
    Arguments arguments{env, nullptr, {}, kMaxArguments};
    napi_get_cb_info(env, info, &arguments.count, arguments.values, nullptr, nullptr);
    napi_get_instance_data(env, reinterpret_cast<void**>(&arguments.state));
    c10::InferenceMode mode;
    return body(arguments);
  } catch (const CollectiveError& error) {
    napi_throw(env, error_of(env, error));
    return nullptr;
  } catch (const std::exception& error) {
    message = message_of(error);
  } catch (...) {
    message = "an unknown native error";
  }
  napi_throw_error(env, "ERR_TORCH", message.c_str());
  return nullptr;
}

// Adds replay and what belongs to it to the addon.
void define_programs(napi_env env, napi_value exports);

// Adds groups of processes.
void define_collectives(napi_env env, napi_value exports);

// Adds what lets tests without a GPU see what a GPU would run.
void define_device_checks(napi_env env, napi_value exports);

}  // namespace awp
