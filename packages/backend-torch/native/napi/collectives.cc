// What JavaScript calls for groups of processes.
#include <atomic>
#include <cstring>
#include <thread>
#include <utility>

#include "distributed/host-values.h"
#include "distributed/tensors.h"
#include "napi/binding.h"
#include "napi/promise.h"

namespace awp {
namespace {

std::string text(napi_env env, napi_value value) {
  size_t length = 0;
  TORCH_CHECK(napi_get_value_string_utf8(env, value, nullptr, 0, &length) == napi_ok, "not a string");
  std::string result(length, '\0');
  napi_get_value_string_utf8(env, value, result.data(), length + 1, &length);
  return result;
}

std::string text(const Arguments& arguments, size_t index) {
  TORCH_CHECK(index < arguments.count, "argument ", index, " is missing");
  return text(arguments.env, arguments.values[index]);
}

napi_value field(const Arguments& arguments, const char* name) {
  napi_value value = nullptr;
  napi_get_named_property(arguments.env, arguments.values[0], name, &value);
  return value;
}

double number_field(const Arguments& arguments, const char* name) {
  double value = 0;
  TORCH_CHECK(napi_get_value_double(arguments.env, field(arguments, name), &value) == napi_ok, name, " is not a number");
  return value;
}

World world_of(const Arguments& arguments) {
  const auto text_field = [&](const char* name) { return text(arguments.env, field(arguments, name)); };
  World world;
  world.store = {text_field("address"), static_cast<int>(number_field(arguments, "port")), text_field("prefix"),
                 number_field(arguments, "keptByLauncher") != 0};
  world.rank = static_cast<int>(number_field(arguments, "rank"));
  world.size = static_cast<int>(number_field(arguments, "size"));
  world.timeout = Milliseconds(static_cast<int64_t>(number_field(arguments, "timeout")));
  world.join_timeout = Milliseconds(static_cast<int64_t>(number_field(arguments, "joinTimeout")));
  world.job = text_field("job");
  return world;
}

// The worker thread that has joined, if one has: the group ends with it.
std::atomic<napi_env>& joined_worker() {
  static std::atomic<napi_env> worker = nullptr;
  return worker;
}

std::atomic<bool>& joining() {
  static std::atomic<bool> flag = false;
  return flag;
}

// joinGroup({ address, port, prefix, keptByLauncher, rank, size, timeout, joinTimeout, job, inWorker }, CollectiveError): a promise
napi_value join_group(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) {
    TORCH_CHECK(!has_group() && !joining().exchange(true),
                "this process has joined a group already: leave it before it joins another");
    auto& error = arguments.state->collective_error;
    if (error != nullptr) napi_delete_reference(arguments.env, error);
    napi_create_reference(arguments.env, arguments.values[1], 1, &error);
    const auto world = world_of(arguments);
    joined_worker() = number_field(arguments, "inWorker") != 0 ? arguments.env : nullptr;
    const Promise promise(arguments.env, "joinGroup");
    std::thread([promise, world] {
      std::string failure;
      try {
        set_current_group(std::make_shared<Group>(world));
      } catch (const std::exception& error) {
        failure = message_of(error);
      }
      joining() = false;
      promise.settle([failure](napi_env) -> napi_value {
        if (!failure.empty()) throw std::runtime_error(failure);
        return nullptr;
      });
    }).detach();
    return promise.promise();
  });
}

// leaveGroup(error): a promise; with an error, which may be empty, the others learn that this rank failed by it
napi_value leave_group(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) {
    const auto group = current_group();
    set_current_group(nullptr);
    const Promise promise(arguments.env, "leaveGroup");
    std::thread([promise, group, error = text(arguments, 0)] {
      group->leave(error);
      promise.settle([](napi_env) -> napi_value { return nullptr; });
    }).detach();
    return promise.promise();
  });
}

napi_value bytes_in_js(napi_env env, const Bytes& bytes) {
  void* data = nullptr;
  napi_value buffer = nullptr;
  napi_value array = nullptr;
  TORCH_CHECK(napi_create_arraybuffer(env, bytes.size(), &data, &buffer) == napi_ok, "no memory for ", bytes.size(),
              " bytes in JavaScript");
  if (!bytes.empty()) std::memcpy(data, bytes.data(), bytes.size());
  napi_create_typedarray(env, napi_uint8_array, bytes.size(), buffer, 0, &array);
  return array;
}

// gatherBytes(kind, what, bytes: Uint8Array): a promise of everyone's, by rank
napi_value gather_bytes(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) {
    const auto array = arguments.typed_array(2);
    TORCH_CHECK(array.type == napi_uint8_array, "argument 2 is not a Uint8Array");
    const auto* const begin = static_cast<const uint8_t*>(array.data);
    const auto group = current_group();
    const Promise promise(arguments.env, "gatherBytes");
    const auto settle = [promise](Gathered gathered) {
      promise.settle([gathered = std::move(gathered)](napi_env env) mutable {
        if (gathered.error) throw *gathered.error;
        napi_value values = nullptr;
        napi_create_array(env, &values);
        for (size_t i = 0; i < gathered.values.size(); i++) {
          napi_set_element(env, values, static_cast<uint32_t>(i), bytes_in_js(env, std::exchange(gathered.values[i], {})));
        }
        return values;
      });
    };
    try {
      gather(group, text(arguments, 0), text(arguments, 1), Bytes(begin, begin + array.length), settle);
    } catch (const CollectiveError& error) {
      settle({{}, error});
    }
    return promise.promise();
  });
}

napi_typedarray_type js_type(at::ScalarType type) {
  return type == at::kFloat ? napi_float32_array : type == at::kInt ? napi_int32_array : napi_uint8_array;
}

// collectHostValues(0 all-reduce or 1 broadcast, what, arrays): new arrays of the results, for other backends' tensors
napi_value collect_host_values(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) {
    const auto env = arguments.env;
    uint32_t count = 0;
    TORCH_CHECK(napi_get_array_length(env, arguments.values[2], &count) == napi_ok, "argument 2 is not an array");
    Tensors tensors;
    for (uint32_t i = 0; i < count; i++) {
      TypedArray array{};
      napi_value element = nullptr;
      napi_get_element(env, arguments.values[2], i, &element);
      TORCH_CHECK(napi_get_typedarray_info(env, element, &array.type, &array.length, &array.data, nullptr, nullptr) == napi_ok,
                  "entry ", i, " is not a typed array");
      const auto type = array.type == napi_float32_array ? at::kFloat : array.type == napi_int32_array ? at::kInt : at::kByte;
      tensors.push_back(at::from_blob(array.data, {static_cast<int64_t>(array.length)}, type));
    }
    const auto group = current_group();
    const auto what = text(arguments, 1);
    const auto results = arguments.integer(0) == 0 ? all_reduced(*group, tensors, what) : broadcasted(*group, tensors, what);
    napi_value list = nullptr;
    napi_create_array(env, &list);
    for (uint32_t i = 0; i < count; i++) {
      void* data = nullptr;
      napi_value buffer = nullptr;
      napi_value array = nullptr;
      TORCH_CHECK(napi_create_arraybuffer(env, results[i].nbytes(), &data, &buffer) == napi_ok, "no memory in JavaScript");
      if (results[i].nbytes() > 0) std::memcpy(data, results[i].data_ptr(), results[i].nbytes());
      napi_create_typedarray(env, js_type(results[i].scalar_type()), static_cast<size_t>(results[i].numel()), buffer, 0, &array);
      napi_set_element(env, list, i, array);
    }
    return list;
  });
}

struct Ended {
  napi_env env;
  std::shared_ptr<Life> life;
};

// The process, or the worker thread, may end before it leaves its group.
void end(void* data) {
  const std::unique_ptr<Ended> ended(static_cast<Ended*>(data));
  {
    const std::lock_guard lock(ended->life->mutex);
    ended->life->ended = true;
  }
  if (!has_group()) return;
  const auto group = current_group();
  if (joined_worker() == ended->env) {
    set_current_group(nullptr);
    group->leave("");
  }
  group->fall_silent();
}

}  // namespace

napi_value error_of(napi_env env, const CollectiveError& error) {
  State* state = nullptr;
  napi_get_instance_data(env, reinterpret_cast<void**>(&state));
  napi_value type = nullptr;
  napi_value details = nullptr;
  napi_value missing = nullptr;
  napi_get_reference_value(env, state->collective_error, &type);
  napi_create_object(env, &details);
  napi_create_array(env, &missing);
  for (size_t i = 0; i < error.missing.size(); i++) {
    napi_set_element(env, missing, static_cast<uint32_t>(i), number(env, error.missing[i]));
  }
  napi_set_named_property(env, details, "rank", number(env, error.rank));
  napi_set_named_property(env, details, "collective", string(env, error.collective));
  napi_set_named_property(env, details, "seconds", number(env, error.seconds));
  napi_set_named_property(env, details, "missing", missing);
  const napi_value values[] = {string(env, error.what()), details};
  napi_value result = nullptr;
  napi_new_instance(env, type, 2, values, &result);
  return result;
}

void define_collectives(napi_env env, napi_value exports) {
  set(env, exports, "joinGroup", join_group);
  set(env, exports, "leaveGroup", leave_group);
  set(env, exports, "gatherBytes", gather_bytes);
  set(env, exports, "collectHostValues", collect_host_values);
  State* state = nullptr;
  napi_get_instance_data(env, reinterpret_cast<void**>(&state));
  napi_add_env_cleanup_hook(env, end, new Ended{env, state->life});
}

}  // namespace awp
