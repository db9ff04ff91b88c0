#pragma once
// A recorded step: the native calls that it made, to be made again on other inputs.
//
// JavaScript lays a program out in words:
//   the number of registers;
//   a list of inputs' registers;
//   a list of pairs (register, handle): variables and constants, which live in the table of handles;
//   a list of outputs' registers;
//   instructions to the end:
//     0, kernel, list of output registers, list of words, list length of numbers: a call whose handles are registers
//     1, register: drops it
//     2, from, to: writes its values into another, a new one if that is empty
// where a list is its length and its entries. The numbers of all calls follow one another.
#include <memory>

#include "call.h"
#include "handles.h"

namespace awp {

class Graph;

class Program {
 public:
  Program(const int32_t* words, size_t word_count, const double* numbers, size_t number_count);
  ~Program();

  // Runs the step on these inputs and answers with its outputs, which share no storage with anything.
  std::vector<at::Tensor> run(Handles& handles, const std::vector<at::Tensor>& inputs);

 private:
  enum class Kind { kCall, kDrop, kCopy };

  struct Instruction {
    Kind kind;
    int32_t kernel = 0;
    // Of a call its outputs, of a drop its register, of a copy from and to.
    std::vector<int32_t> registers;
    std::vector<int32_t> words;
    std::vector<double> numbers;
  };

  std::vector<at::Tensor> replay(Handles& handles, const std::vector<at::Tensor>& inputs);
  std::vector<at::Tensor> interpret(Handles& handles, const std::vector<at::Tensor>& inputs) const;
  void call(const Instruction& instruction, Slots& slots) const;

  int32_t registers_ = 0;
  std::vector<int32_t> inputs_;
  std::vector<int32_t> statics_;
  std::vector<int32_t> outputs_;
  std::vector<Instruction> instructions_;
  // On CUDA, from the first run on: the graph, and the variables and constants where it reads and writes them.
  std::unique_ptr<Graph> graph_;
  std::vector<at::Tensor> held_;
};

}  // namespace awp
