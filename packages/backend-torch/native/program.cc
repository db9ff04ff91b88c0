#include "program.h"

#include "graph.h"

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

}  // namespace

Program::Program(const int32_t* words, size_t word_count, const double* numbers, size_t number_count) {
  Reader reader(words, word_count);
  const double* numbers_end = numbers + number_count;
  registers_ = reader.integer();
  // Each stands in the words at least once.
  TORCH_CHECK(registers_ >= 0 && static_cast<size_t>(registers_) <= word_count, "a program with ", registers_,
              " registers");
  inputs_ = reader.list();
  statics_ = reader.list(2);
  outputs_ = reader.list();
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
      case Kind::kCopy:
        instruction.registers = {reader.integer(), 0};
        instruction.registers[1] = reader.integer();
        break;
      default:
        TORCH_CHECK(false, "no instruction has the code ", kind);
    }
    instructions_.push_back(std::move(instruction));
  }
}

Program::~Program() = default;

std::vector<at::Tensor> Program::run(Handles& handles, const std::vector<at::Tensor>& inputs) {
  TORCH_CHECK(inputs.size() == inputs_.size(), "a step of ", inputs_.size(), " inputs is given ", inputs.size());
  return device().is_cuda() ? replay(handles, inputs) : interpret(handles, inputs);
}

std::vector<at::Tensor> Program::replay(Handles& handles, const std::vector<at::Tensor>& inputs) {
  if (graph_ == nullptr) {
    held_.clear();
    for (size_t i = 0; i < statics_.size(); i += 2) held_.push_back(handles.at(statics_[i + 1]));
    graph_ = std::make_unique<Graph>(inputs, [&](const auto& held) { return interpret(handles, held); });
  }
  for (size_t i = 0; i < held_.size(); i++) {
    auto& tensor = handles.at(statics_[2 * i + 1]);
    if (tensor.is_same(held_[i])) continue;
    // A convolution outside of the step has laid its filter out anew, elsewhere.
    held_[i].copy_(tensor);
    tensor = held_[i];
  }
  return graph_->replay(inputs);
}

std::vector<at::Tensor> Program::interpret(Handles& handles, const std::vector<at::Tensor>& inputs) const {
  Slots slots(registers_);
  for (size_t i = 0; i < inputs.size(); i++) slots.set(inputs_[i], inputs[i]);
  for (size_t i = 0; i < statics_.size(); i += 2) slots.set(statics_[i], handles.at(statics_[i + 1]));
  for (const auto& instruction : instructions_) {
    const auto& registers = instruction.registers;
    switch (instruction.kind) {
      case Kind::kCall:
        call(instruction, slots);
        break;
      case Kind::kDrop:
        slots.clear(registers[0]);
        break;
      case Kind::kCopy:
        if (slots.has(registers[1])) {
          slots.assign(registers[1], slots.at(registers[0]));
        } else {
          slots.set(registers[1], slots.at(registers[0]).clone());
        }
        break;
    }
  }
  std::vector<at::Tensor> outputs;
  for (const int32_t output : outputs_) outputs.push_back(slots.at(output));
  return outputs;
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
