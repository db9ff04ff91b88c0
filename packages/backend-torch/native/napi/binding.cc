#include "napi/binding.h"

namespace awp {

int32_t Arguments::integer(size_t index) const {
  int32_t value = 0;
  TORCH_CHECK(index < count && napi_get_value_int32(env, values[index], &value) == napi_ok, "argument ", index,
              " is not a number");
  return value;
}

TypedArray Arguments::typed_array(size_t index) const {
  bool is_typed = false;
  if (index < count) napi_is_typedarray(env, values[index], &is_typed);
  TORCH_CHECK(is_typed, "argument ", index, " is not a typed array");
  TypedArray array{};
  napi_get_typedarray_info(env, values[index], &array.type, &array.length, &array.data, nullptr, nullptr);
  return array;
}

TypedArray Arguments::integers(size_t index) const {
  const auto array = typed_array(index);
  TORCH_CHECK(array.type == napi_int32_array, "argument ", index, " is not an Int32Array");
  return array;
}

napi_value number(napi_env env, double value) {
  napi_value result = nullptr;
  napi_create_double(env, value, &result);
  return result;
}

napi_value string(napi_env env, const std::string& value) {
  napi_value result = nullptr;
  napi_create_string_utf8(env, value.c_str(), value.size(), &result);
  return result;
}

void set(napi_env env, napi_value object, const char* name, napi_callback function) {
  napi_value value = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
  napi_set_named_property(env, object, name, value);
}

void write_outputs(State& state, const std::vector<at::Tensor>& outputs) {
  size_t needed = 0;
  for (const auto& output : outputs) needed += 3 + output.dim();
  TORCH_CHECK(needed <= state.word_capacity, "the results' shapes are too long");
  int32_t* words = state.words;
  for (const auto& output : outputs) {
    for (const int64_t size : output.sizes()) {
      TORCH_CHECK(size <= INT32_MAX, "a result has an axis of size ", size);
    }
  }
  for (const auto& output : outputs) {
    *words++ = state.handles.add(output);
    const auto type = output.scalar_type();
    *words++ = type == at::kInt ? 1 : type == at::kBool ? 2 : 0;
    *words++ = static_cast<int32_t>(output.dim());
    for (const int64_t size : output.sizes()) *words++ = static_cast<int32_t>(size);
  }
}

}  // namespace awp
