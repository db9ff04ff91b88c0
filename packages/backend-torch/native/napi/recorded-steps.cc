// What JavaScript calls for recorded steps.
#include "napi/binding.h"

namespace awp {
namespace {

Program& program_of(const Arguments& arguments) {
  const auto& programs = arguments.state->programs;
  const int32_t index = arguments.integer(0);
  TORCH_CHECK(index >= 0 && static_cast<size_t>(index) < programs.size() && programs[index] != nullptr,
              "no recorded step has the number ", index, ": it may have been disposed");
  return *programs[index];
}

// program(words: Int32Array, numbers: Float64Array): the number of a new recorded step, laid out as program.h says.
napi_value program(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) {
    const auto words = arguments.integers(0);
    const auto numbers = arguments.typed_array(1);
    TORCH_CHECK(numbers.type == napi_float64_array, "argument 1 is not a Float64Array");
    auto& programs = arguments.state->programs;
    programs.push_back(std::make_unique<Program>(static_cast<const int32_t*>(words.data), words.length,
                                                 static_cast<const double*>(numbers.data), numbers.length));
    return number(arguments.env, static_cast<double>(programs.size() - 1));
  });
}

std::vector<int32_t> handles_of(const TypedArray& array) {
  const auto* handles = static_cast<const int32_t*>(array.data);
  return {handles, handles + array.length};
}

// Node prints a warning to the standard error, and tells who listens for it.
void emit_warning(napi_env env, const std::string& message) {
  napi_value global = nullptr;
  napi_value process = nullptr;
  napi_value emit = nullptr;
  const napi_value text = string(env, message);
  napi_get_global(env, &global);
  napi_get_named_property(env, global, "process", &process);
  napi_get_named_property(env, process, "emitWarning", &emit);
  napi_call_function(env, process, emit, 1, &text, nullptr);
}

// replay(program, inputs: Int32Array of handles, variables: Int32Array of handles): the number of outputs.
napi_value replay(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) {
    State& state = *arguments.state;
    Program& program = program_of(arguments);
    const auto inputs = handles_of(arguments.integers(1));
    const auto variables = handles_of(arguments.integers(2));
    const auto warn = [&](const std::string& reason) {
      emit_warning(arguments.env, "compileStep: no CUDA graph can be made of a recorded step, which runs call by call "
                                  "from now on: " + reason);
    };
    const auto outputs = state.replays_in_place ? program.run_in_place(state.handles, inputs, variables, warn)
                                                : program.run(state.handles, inputs, variables);
    write_outputs(state, outputs);
    return number(arguments.env, static_cast<double>(outputs.size()));
  });
}

// replayInPlace(mode): whether steps move variables in place, as graphs do, 0 or 1; with 2 every capture of a graph
// fails, too. For tests.
napi_value replay_in_place(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) -> napi_value {
    const auto mode = arguments.integer(0);
    arguments.state->replays_in_place = mode != 0;
    Graph::fail_captures(mode == 2);
    return nullptr;
  });
}

// forget(program)
napi_value forget(napi_env env, napi_callback_info info) {
  return guarded(env, info, [](const Arguments& arguments) -> napi_value {
    program_of(arguments);
    arguments.state->programs[arguments.integer(0)] = nullptr;
    return nullptr;
  });
}

}  // namespace

void define_programs(napi_env env, napi_value exports) {
  set(env, exports, "program", program);
  set(env, exports, "replay", replay);
  set(env, exports, "replayInPlace", replay_in_place);
  set(env, exports, "forget", forget);
}

}  // namespace awp
