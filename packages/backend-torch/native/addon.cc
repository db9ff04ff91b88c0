// The door to JavaScript: plain Node-API, one state for each environment (the main thread and every worker).
#include <node_api.h>

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Logging.h>
#ifdef AWP_CUDA
#include <c10/cuda/CUDAFunctions.h>
#endif

#include <cstring>
#include <sstream>

#include "call.h"
#include "memory.h"

namespace awp {
namespace {

constexpr size_t kMaxArguments = 4;

struct State {
  Handles handles;
  // Memory of the typed arrays that calls travel in; JavaScript keeps them alive through the references.
  int32_t* words = nullptr;
  size_t word_capacity = 0;
  double* numbers = nullptr;
  size_t number_capacity = 0;
  napi_ref word_reference = nullptr;
  napi_ref number_reference = nullptr;
};

struct Arguments {
  napi_env env;
  State* state;
  napi_value values[kMaxArguments];
  size_t count;

  int32_t integer(size_t index) const {
    int32_t value = 0;
    TORCH_CHECK(index < count && napi_get_value_int32(env, values[index], &value) == napi_ok, "argument ", index,
                " is not a number");
    return value;
  }
};

std::string shapes(const Call* call) {
  std::ostringstream out;
  if (call == nullptr) return "";
  out << " (inputs: ";
  for (size_t i = 0; i < call->inputs(); i++) {
    if (i > 0) out << ", ";
    if (call->has(i)) {
      out << call->as_stored(i).scalar_type() << call->as_stored(i).sizes();
    } else {
      out << "none";
    }
  }
  out << ")";
  return out.str();
}

std::string first_line(const char* text) {
  const std::string whole(text);
  return whole.substr(0, whole.find('\n'));
}

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
  } catch (const c10::Error& error) {
    message = first_line(error.what_without_backtrace());
  } catch (const std::exception& error) {
    message = first_line(error.what());
  } catch (...) {
    message = "an unknown native error";
  }
  napi_throw_error(env, "ERR_TORCH", message.c_str());
  return nullptr;
}

napi_value number(napi_env env, double value) {
  napi_value result = nullptr;
  napi_create_double(env, value, &result);
  return result;
}

napi_value boolean(napi_env env, bool value) {
  napi_value result = nullptr;
  napi_get_boolean(env, value, &result);
  return result;
}

napi_value string(napi_env env, const std::string& value) {
  napi_value result = nullptr;
  napi_create_string_utf8(env, value.c_str(), value.size(), &result);
  return result;
}

at::ScalarType scalar_type(napi_typedarray_type type) {
  switch (type) {
    case napi_float32_array:
      return at::kFloat;
    case napi_int32_array:
      return at::kInt;
    case napi_uint8_array:
    case napi_uint8_clamped_array:
      return at::kBool;
    default:
      TORCH_CHECK(false, "data must be a Float32Array, Int32Array or Uint8Array");
  }
}

struct TypedArray {
  napi_typedarray_type type;
  size_t length;
  void* data;
};

TypedArray typed_array(const Arguments& arguments, size_t index) {
  bool is_typed = false;
  if (index < arguments.count) napi_is_typedarray(arguments.env, arguments.values[index], &is_typed);
  TORCH_CHECK(is_typed, "argument ", index, " is not a typed array");
  TypedArray array{};
  napi_get_typedarray_info(arguments.env, arguments.values[index], &array.type, &array.length, &array.data, nullptr,
                           nullptr);
  return array;
}

// attach(words: Int32Array, numbers: Float64Array): the memory that calls travel in.
napi_value attach(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) -> napi_value {
    const auto words = typed_array(arguments, 0);
    const auto numbers = typed_array(arguments, 1);
    TORCH_CHECK(words.type == napi_int32_array && numbers.type == napi_float64_array,
                "attach wants an Int32Array and a Float64Array");
    State& state = *arguments.state;
    if (state.word_reference != nullptr) napi_delete_reference(arguments.env, state.word_reference);
    if (state.number_reference != nullptr) napi_delete_reference(arguments.env, state.number_reference);
    napi_create_reference(arguments.env, arguments.values[0], 1, &state.word_reference);
    napi_create_reference(arguments.env, arguments.values[1], 1, &state.number_reference);
    state.words = static_cast<int32_t*>(words.data);
    state.word_capacity = words.length;
    state.numbers = static_cast<double*>(numbers.data);
    state.number_capacity = numbers.length;
    return nullptr;
  });
}

// create(data: TypedArray): handle of a copy of it, flat.
napi_value create(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) {
    const auto array = typed_array(arguments, 0);
    const auto type = scalar_type(array.type);
    const bool is_bool = type == at::kBool;
    auto tensor = at::empty({static_cast<int64_t>(array.length)}, is_bool ? at::kByte : type);
    if (array.length > 0) std::memcpy(tensor.data_ptr(), array.data, tensor.nbytes());
    // A bool that is neither 0 nor 1 is undefined behaviour in C++.
    if (is_bool) tensor = tensor.ne(0);
    return number(arguments.env, arguments.state->handles.add(tensor.to(device())));
  });
}

// read(handle): its values as a new typed array.
napi_value read(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) -> napi_value {
    const auto tensor = arguments.state->handles.at(arguments.integer(0)).to(at::kCPU).contiguous();
    void* data = nullptr;
    napi_value buffer = nullptr;
    napi_value array = nullptr;
    TORCH_CHECK(napi_create_arraybuffer(arguments.env, tensor.nbytes(), &data, &buffer) == napi_ok,
                "no memory for ", tensor.nbytes(), " bytes in JavaScript");
    if (tensor.nbytes() > 0) std::memcpy(data, tensor.data_ptr(), tensor.nbytes());
    const auto type = tensor.scalar_type() == at::kFloat ? napi_float32_array
                      : tensor.scalar_type() == at::kInt ? napi_int32_array
                                                         : napi_uint8_array;
    napi_create_typedarray(arguments.env, type, static_cast<size_t>(tensor.numel()), buffer, 0, &array);
    return array;
  });
}

// release(handle)
napi_value release(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) -> napi_value {
    arguments.state->handles.release(arguments.integer(0));
    return nullptr;
  });
}

// The outputs, back in the words: for each its handle, type (0 float32, 1 int32, 2 bool), rank and sizes.
void write_outputs(State& state, const Call& call) {
  size_t needed = 0;
  for (const auto& output : call.outputs()) needed += 3 + output.dim();
  TORCH_CHECK(needed <= state.word_capacity, "the results' shapes are too long");
  int32_t* words = state.words;
  for (const auto& output : call.outputs()) {
    for (const int64_t size : output.sizes()) {
      TORCH_CHECK(size <= INT32_MAX, "a result has an axis of size ", size);
    }
  }
  for (const auto& output : call.outputs()) {
    *words++ = state.handles.add(output);
    *words++ = output.scalar_type() == at::kFloat ? 0 : output.scalar_type() == at::kInt ? 1 : 2;
    *words++ = static_cast<int32_t>(output.dim());
    for (const int64_t size : output.sizes()) *words++ = static_cast<int32_t>(size);
  }
}

// run(kernel, wordCount, numberCount): the number of outputs.
napi_value run(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) {
    State& state = *arguments.state;
    const auto index = arguments.integer(0);
    const auto word_count = arguments.integer(1);
    const auto number_count = arguments.integer(2);
    TORCH_CHECK(index >= 0 && static_cast<size_t>(index) < kernels().size(), "no kernel has the index ", index);
    TORCH_CHECK(word_count >= 0 && static_cast<size_t>(word_count) <= state.word_capacity && number_count >= 0 &&
                    static_cast<size_t>(number_count) <= state.number_capacity,
                "more arguments than there is room for");
    const NamedKernel& kernel = kernels()[index];
    std::unique_ptr<Call> call;
    std::string message;
    try {
      call = std::make_unique<Call>(state.handles, state.words, word_count, state.numbers, number_count);
      kernel.run(*call);
      write_outputs(state, *call);
      return number(arguments.env, static_cast<double>(call->outputs().size()));
    } catch (const c10::Error& error) {
      message = first_line(error.what_without_backtrace());
    } catch (const std::exception& error) {
      message = first_line(error.what());
    }
    throw std::runtime_error(kernel.name + ": " + message + shapes(call.get()));
  });
}

// stats(): { tensors, bytes }
napi_value stats(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) {
    napi_value result = nullptr;
    napi_create_object(arguments.env, &result);
    const auto& handles = arguments.state->handles;
    napi_set_named_property(arguments.env, result, "tensors",
                            number(arguments.env, static_cast<double>(handles.count())));
    napi_set_named_property(arguments.env, result, "bytes", number(arguments.env, handles.bytes()));
    return result;
  });
}

napi_value kernel_names(napi_env env) {
  napi_value names = nullptr;
  napi_create_array(env, &names);
  for (size_t i = 0; i < kernels().size(); i++) {
    napi_set_element(env, names, static_cast<uint32_t>(i), string(env, kernels()[i].name));
  }
  return names;
}

void set(napi_env env, napi_value object, const char* name, napi_callback function) {
  napi_value value = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
  napi_set_named_property(env, object, name, value);
}

napi_value initialize(napi_env env, napi_value exports) {
  napi_set_instance_data(
      env, new State(), [](napi_env, void* state, void*) { delete static_cast<State*>(state); }, nullptr);
  // Nobody reads the native stack of an error, and finding it takes milliseconds.
  c10::SetStackTraceFetcher([] { return std::string(); });
  pool_memory();
#ifdef AWP_CUDA
  if (c10::cuda::device_count() > 0) device() = at::Device(at::kCUDA, 0);
  constexpr bool kCuda = true;
#else
  constexpr bool kCuda = false;
#endif
  set(env, exports, "attach", attach);
  set(env, exports, "create", create);
  set(env, exports, "read", read);
  set(env, exports, "release", release);
  set(env, exports, "run", run);
  set(env, exports, "stats", stats);
  napi_set_named_property(env, exports, "kernels", kernel_names(env));
  napi_set_named_property(env, exports, "device", string(env, device().is_cuda() ? "cuda" : "cpu"));
  napi_set_named_property(env, exports, "cuda", boolean(env, kCuda));
  napi_set_named_property(env, exports, "threads", number(env, at::get_num_threads()));
  napi_set_named_property(env, exports, "version", string(env, AWP_TORCH_VERSION));
  return exports;
}

}  // namespace
}  // namespace awp

NAPI_MODULE_INIT() { return awp::initialize(env, exports); }
