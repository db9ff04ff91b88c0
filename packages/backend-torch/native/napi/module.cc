// What JavaScript calls, in plain Node-API: tensors and kernels.
#include <ATen/Parallel.h>
#include <c10/util/Logging.h>

#include <cstring>

#include "napi/binding.h"
#include "device/memory.h"

namespace awp {
namespace {

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

// attach(words: Int32Array, numbers: Float64Array): the memory that calls travel in.
napi_value attach(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) -> napi_value {
    const auto words = arguments.typed_array(0);
    const auto numbers = arguments.typed_array(1);
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
    const auto array = arguments.typed_array(0);
    const auto type = scalar_type(array.type);
    const bool is_bool = type == at::kBool;
    // From pinned memory a GPU fetches the values by itself, and nobody waits for what it does meanwhile.
    const auto options = at::TensorOptions(is_bool ? at::kByte : type).pinned_memory(device().is_cuda());
    auto tensor = at::empty({static_cast<int64_t>(array.length)}, options);
    if (array.length > 0) std::memcpy(tensor.data_ptr(), array.data, tensor.nbytes());
    tensor = tensor.to(at::TensorOptions(device()), device().is_cuda());
    // A bool that is neither 0 nor 1 is undefined behaviour in C++.
    if (is_bool) tensor = tensor.ne(0);
    return number(arguments.env, arguments.state->handles.add(tensor));
  });
}

// read(handle): its values as a new typed array.
napi_value read(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) -> napi_value {
    auto tensor = arguments.state->handles.at(arguments.integer(0));
    if (tensor.scalar_type() == at::kBFloat16) tensor = tensor.to(at::kFloat);
    tensor = tensor.to(at::kCPU).contiguous();
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

// run(kernel, wordCount, numberCount): the number of outputs.
napi_value run(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) {
    State& state = *arguments.state;
    const auto index = arguments.integer(0);
    const auto word_count = arguments.integer(1);
    const auto number_count = arguments.integer(2);
    TORCH_CHECK(word_count >= 0 && static_cast<size_t>(word_count) <= state.word_capacity && number_count >= 0 &&
                    static_cast<size_t>(number_count) <= state.number_capacity,
                "more arguments than there is room for");
    const auto outputs = run_kernel(index, state.handles, state.words, word_count, state.numbers, number_count);
    write_outputs(state, outputs);
    return number(arguments.env, static_cast<double>(outputs.size()));
  });
}

// copy(handle): handle of the same values in storage of their own.
napi_value copy(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) {
    auto& handles = arguments.state->handles;
    return number(arguments.env, handles.add(handles.at(arguments.integer(0)).clone()));
  });
}

// configure(TF32 in convolutions, TF32 in matrix products, products in bfloat16): flags of the whole process.
napi_value configure(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) -> napi_value {
    at::globalContext().setAllowTF32CuDNN(arguments.integer(0) != 0);
    at::globalContext().setAllowTF32CuBLAS(arguments.integer(1) != 0);
    product_type() = arguments.integer(2) != 0 ? at::kBFloat16 : at::kFloat;
    return nullptr;
  });
}

// stats(): { tensors, bytes }, on CUDA { device: { allocated, peakAllocated, reserved, peakReserved } } too
napi_value stats(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) {
    napi_value result = nullptr;
    napi_create_object(arguments.env, &result);
    const auto& handles = arguments.state->handles;
    napi_set_named_property(arguments.env, result, "tensors",
                            number(arguments.env, static_cast<double>(handles.count())));
    napi_set_named_property(arguments.env, result, "bytes", number(arguments.env, handles.bytes()));
    if (const auto memory = device_memory()) {
      napi_value device = nullptr;
      napi_create_object(arguments.env, &device);
      const auto put = [&](const char* name, double value) {
        napi_set_named_property(arguments.env, device, name, number(arguments.env, value));
      };
      put("allocated", memory->allocated);
      put("peakAllocated", memory->peak_allocated);
      put("reserved", memory->reserved);
      put("peakReserved", memory->peak_reserved);
      napi_set_named_property(arguments.env, result, "device", device);
    }
    return result;
  });
}

// resetPeakMemory(): the device's peaks count from here
napi_value reset_peak(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments&) -> napi_value {
    reset_peak_memory();
    return nullptr;
  });
}

// synchronize(): returns when the device has done what it was given
napi_value wait_for_device(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments&) -> napi_value {
    synchronize();
    return nullptr;
  });
}

// threads(count): how many the CPU's kernels use from now on; 0 leaves the number. Returns it.
napi_value threads(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) {
    if (const auto count = arguments.integer(0); count > 0) at::set_num_threads(static_cast<int>(count));
    return number(arguments.env, at::get_num_threads());
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

napi_value initialize(napi_env env, napi_value exports) {
  State* state = nullptr;
  try {
    choose_device();
    state = new State();
  } catch (const c10::Error& error) {
    napi_throw_error(env, "ERR_TORCH", message_of(error).c_str());
    return nullptr;
  }
  napi_set_instance_data(
      env, state, [](napi_env, void* data, void*) { delete static_cast<State*>(data); }, nullptr);
  // Nobody reads the native stack of an error, and finding it takes milliseconds.
  c10::SetStackTraceFetcher([] { return std::string(); });
  pool_memory();
  set(env, exports, "attach", attach);
  set(env, exports, "create", create);
  set(env, exports, "read", read);
  set(env, exports, "release", release);
  set(env, exports, "run", run);
  set(env, exports, "copy", copy);
  set(env, exports, "configure", configure);
  set(env, exports, "resetPeakMemory", reset_peak);
  set(env, exports, "stats", stats);
  set(env, exports, "synchronize", wait_for_device);
  set(env, exports, "threads", threads);
  define_programs(env, exports);
  define_device_checks(env, exports);
  define_collectives(env, exports);
  napi_set_named_property(env, exports, "kernels", kernel_names(env));
  napi_set_named_property(env, exports, "device", string(env, device().is_cuda() ? "cuda" : "cpu"));
  napi_value cuda = nullptr;
  napi_get_boolean(env, kCuda, &cuda);
  napi_set_named_property(env, exports, "cuda", cuda);
  napi_set_named_property(env, exports, "version", string(env, AWP_TORCH_VERSION));
  return exports;
}

}  // namespace
}  // namespace awp

NAPI_MODULE_INIT() { return awp::initialize(env, exports); }
