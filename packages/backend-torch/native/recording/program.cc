#include "recording/program.h"

#include "kernels/many.h"
#include "recording/graph.h"

namespace awp {
namespace {

class Reader {
 public:
  Reader(const int32_t* words, size_t count) : words_(words), end_(words + count) {}

  bool done() const { return words_ == end_; }
  int32_t integer() {
    TORCH_CHECK(words_ < end_, "a program is cut short");
    return *words_++;
  }
  std::vector<int32_t> list(int32_t width = 1) {
    const int64_t length = int64_t{integer()} * width;
    TORCH_CHECK(length >= 0 && length <= end_ - words_, "a program is cut short");
    std::vector<int32_t> values(words_, words_ + length);
    words_ += length;
    return values;
  }

 private:
  const int32_t* words_;
  const int32_t* end_;
};

void split_pairs(const std::vector<int32_t>& pairs, std::vector<int32_t>& first, std::vector<int32_t>& second) {
  for (size_t i = 0; i < pairs.size(); i += 2) {
    first.push_back(pairs[i]);
    second.push_back(pairs[i + 1]);
  }
}

std::vector<at::Tensor> tensors_at(Slots& slots, const std::vector<int32_t>& indices) {
  std::vector<at::Tensor> tensors;
  for (const int32_t index : indices) tensors.push_back(slots.at(index));
  return tensors;
}

void fill(Slots& slots, const std::vector<int32_t>& registers, const std::vector<at::Tensor>& tensors) {
  for (size_t i = 0; i < registers.size(); i++) slots.set(registers[i], tensors[i]);
}

}  // namespace

Program::Program(const int32_t* words, size_t word_count, const double* numbers, size_t number_count) {
  Reader reader(words, word_count);
  const double* numbers_end = numbers + number_count;
  registers_ = reader.integer();
  // Each stands in the words at least once.
  TORCH_CHECK(registers_ >= 0 && static_cast<size_t>(registers_) <= word_count, "a program with ", registers_,
              " registers");
  inputs_ = reader.list();
  variables_ = reader.list();
  split_pairs(reader.list(2), constants_, constant_handles_);
  outputs_ = reader.list();
  split_pairs(reader.list(2), moved_, values_);
  for (const int32_t variable : moved_) {
    TORCH_CHECK(variable >= 0 && static_cast<size_t>(variable) < variables_.size(), "a program has no variable ",
                variable);
  }
  while (!reader.done()) {
    const int32_t kind = reader.integer();
    Instruction instruction{static_cast<Kind>(kind)};
    switch (instruction.kind) {
      case Kind::kCall: {
        instruction.kernel = reader.integer();
        TORCH_CHECK(instruction.kernel >= 0 && static_cast<size_t>(instruction.kernel) < kernels().size(),
                    "no kernel has the index ", instruction.kernel);
        instruction.registers = reader.list();
        instruction.words = reader.list();
        const int32_t count = reader.integer();
        TORCH_CHECK(count >= 0 && count <= numbers_end - numbers, "a program's numbers are cut short");
        instruction.numbers.assign(numbers, numbers + count);
        numbers += count;
        break;
      }
      case Kind::kDrop:
        instruction.registers = {reader.integer()};
        break;
      default:
        TORCH_CHECK(false, "no instruction has the code ", kind);
    }
    instructions_.push_back(std::move(instruction));
  }
}

Program::~Program() = default;

Program::Tensors Program::run(Handles& handles, const Registers& inputs, const Registers& variables) const {
  check(inputs, variables);
  Slots slots = interpret(tensors_at(handles, inputs), tensors_at(handles, variables),
                          tensors_at(handles, constant_handles_));
  const Tensors outputs = tensors_at(slots, outputs_);
  const Tensors values = tensors_at(slots, values_);
  // Outside of a step, too, a filter keeps the order of elements that its first convolution gave it.
  fill(handles, inputs, tensors_at(slots, inputs_));
  fill(handles, variables, tensors_at(slots, variables_));
  for (size_t i = 0; i < moved_.size(); i++) handles.set(variables[moved_[i]], values[i]);
  return outputs;
}

Program::Tensors Program::run_in_place(Handles& handles, const Registers& inputs, const Registers& variables,
                                       const std::function<void(const std::string&)>& warn) {
  check(inputs, variables);
  if (graph_ == nullptr && !has_no_graph_) {
    try {
      capture(handles, inputs, variables);
    } catch (const std::exception& error) {
      // Nothing was computed, and nothing may be tried again: the next attempt would fail in the same place.
      has_no_graph_ = true;
      held_.clear();
      held_constants_.clear();
      warn(message_of(error));
    }
  }
  if (has_no_graph_) return run(handles, inputs, variables);
  for (size_t i = 0; i < held_.size(); i++) {
    if (handles.at(variables[i]).is_same(held_[i])) continue;
    // Something else has assigned the variable, or a convolution has laid it out anew. Who still has what was here
    // keeps the values.
    handles.part_from(held_[i]);
    held_[i].copy_(handles.at(variables[i]).reshape(held_[i].sizes()));
    handles.set(variables[i], held_[i]);
  }
  const Tensors outputs = graph_->replay(tensors_at(handles, inputs));
  // What was made of the variables' old values, as a filter in bfloat16, goes.
  for (const int32_t moved : moved_) handles.set(variables[moved], held_[moved]);
  return outputs;
}

void Program::capture(Handles& handles, const Registers& inputs, const Registers& variables) {
  held_ = tensors_at(handles, variables);
  held_constants_ = tensors_at(handles, constant_handles_);
  graph_ = std::make_unique<Graph>(tensors_at(handles, inputs), [this](const Tensors& held_inputs) {
    return write_in_place(interpret(held_inputs, held_, held_constants_));
  });
}

// Moves the variables where they are held, and returns the outputs.
Program::Tensors Program::write_in_place(Slots slots) const {
  // What is about to be overwritten is read before.
  const auto apart = [&](const at::Tensor& tensor) {
    for (const auto& held : held_) {
      if (tensor.storage().is_alias_of(held.storage())) return tensor.clone();
    }
    return tensor;
  };
  Tensors outputs, values;
  for (const auto& output : tensors_at(slots, outputs_)) outputs.push_back(apart(output));
  for (const auto& value : tensors_at(slots, values_)) values.push_back(apart(value));
  Tensors targets, sources;
  for (size_t i = 0; i < moved_.size(); i++) {
    targets.push_back(held_[moved_[i]]);
    sources.push_back(values[i].reshape(targets.back().sizes()));
  }
  copy_all(targets, sources);
  return outputs;
}

void Program::check(const Registers& inputs, const Registers& variables) const {
  TORCH_CHECK(inputs.size() == inputs_.size(), "a step of ", inputs_.size(), " inputs is given ", inputs.size());
  TORCH_CHECK(variables.size() == variables_.size(), "a step of ", variables_.size(), " variables is given ",
              variables.size());
}

Slots Program::interpret(const Tensors& inputs, const Tensors& variables, const Tensors& constants) const {
  Slots slots(registers_);
  fill(slots, inputs_, inputs);
  fill(slots, variables_, variables);
  fill(slots, constants_, constants);
  for (const auto& instruction : instructions_) {
    switch (instruction.kind) {
      case Kind::kCall:
        call(instruction, slots);
        break;
      case Kind::kDrop:
        slots.clear(instruction.registers[0]);
        break;
    }
  }
  return slots;
}

void Program::call(const Instruction& instruction, Slots& slots) const {
  const auto& [name, run] = kernels()[instruction.kernel];
  const auto outputs = run_kernel(instruction.kernel, slots, instruction.words.data(), instruction.words.size(),
                                  instruction.numbers.data(), instruction.numbers.size());
  TORCH_CHECK(outputs.size() == instruction.registers.size(), name, ": ", outputs.size(), " outputs, recorded were ",
              instruction.registers.size());
  for (size_t i = 0; i < outputs.size(); i++) slots.set(instruction.registers[i], outputs[i]);
}

}  // namespace awp
