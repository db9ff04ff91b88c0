#pragma once
// A recorded step: the native calls that it made, to be made again on other inputs.
//
// A program is a function: of its inputs and of the variables' values, to its outputs and the variables' new values. A
// variable has its new value when everything is computed, and not if anything fails.
//
// JavaScript lays a program out in words:
//   the number of registers;
//   a list of the inputs' registers;
//   a list of the variables' registers;
//   a list of pairs (register, handle): constants;
//   a list of the outputs' registers;
//   a list of pairs (place in the list of variables, register of its new value);
//   instructions to the end:
//     0, kernel, list of output registers, list of words, list length of numbers: a call whose handles are registers
//     1, register: drops it
// where a list is its length and its entries. The numbers of all calls follow one another.
#include <functional>
#include <memory>
#include <string>

#include "kernels/call.h"
#include "tensor/handles.h"

namespace awp {

class Graph;

class Program {
 public:
  using Tensors = std::vector<at::Tensor>;
  using Registers = std::vector<int32_t>;

  Program(const int32_t* words, size_t word_count, const double* numbers, size_t number_count);
  ~Program();

  // Runs the step on these inputs and variables and returns its outputs. The handles of the variables that it moves
  // have new tensors then.
  Tensors run(Handles& handles, const Registers& inputs, const Registers& variables) const;

  // The same as a CUDA graph, which reads and writes the variables where they were at its first run. Their handles
  // have those tensors from then on. Where no graph can be made it warns why, once, and goes on as `run`.
  Tensors run_in_place(Handles& handles, const Registers& inputs, const Registers& variables,
                       const std::function<void(const std::string&)>& warn);

 private:
  enum class Kind { kCall, kDrop };

  struct Instruction {
    Kind kind;
    int32_t kernel = 0;
    // The outputs of a call, the one register of a drop.
    Registers registers;
    std::vector<int32_t> words;
    std::vector<double> numbers;
  };

  void check(const Registers& inputs, const Registers& variables) const;
  void capture(Handles& handles, const Registers& inputs, const Registers& variables);
  Slots interpret(const Tensors& inputs, const Tensors& variables, const Tensors& constants) const;
  void call(const Instruction& instruction, Slots& slots) const;
  Tensors write_in_place(Slots slots) const;

  int32_t registers_ = 0;
  Registers inputs_;
  Registers variables_;
  Registers constants_;
  std::vector<int32_t> constant_handles_;
  Registers outputs_;
  // Which variables move, and the registers of their new values.
  std::vector<int32_t> moved_;
  Registers values_;
  std::vector<Instruction> instructions_;

  // The graph of `run_in_place`, and the variables and constants where it finds them.
  std::unique_ptr<Graph> graph_;
  bool has_no_graph_ = false;
  Tensors held_;
  Tensors held_constants_;
};

}  // namespace awp
