#include "kernels/call.h"

#include <memory>
#include <sstream>

#include "distributed/error.h"

namespace awp {
namespace {

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

}  // namespace

std::vector<NamedKernel>& kernels() {
  static std::vector<NamedKernel> all;
  return all;
}

Call::Call(Slots& slots, const int32_t* words, size_t word_count, const double* numbers, size_t number_count)
    : slots_(slots),
      words_(words),
      words_end_(words + word_count),
      numbers_(numbers),
      numbers_end_(numbers + number_count) {
  const int64_t count = integer();
  for (int64_t i = 0; i < count; i++) {
    const auto handle = static_cast<int32_t>(integer());
    const auto shape = integers();
    input_handles_.push_back(handle);
    if (handle == -1) {
      inputs_.emplace_back();
      continue;
    }
    const at::Tensor& tensor = slots_.at(handle);
    // Most tensors are stored in the shape that they are used in.
    inputs_.push_back(tensor.sizes() == at::IntArrayRef(shape) ? tensor : tensor.reshape(shape));
  }
}

const at::Tensor& Call::input(size_t index) {
  inputs_[index] = in_any_order(index).contiguous();
  return inputs_[index];
}

const at::Tensor& Call::in_any_order(size_t index) {
  if (as_stored(index).scalar_type() == at::kBFloat16) inputs_[index] = inputs_[index].to(at::kFloat);
  return inputs_[index];
}

const at::Tensor& Call::as_stored(size_t index) const {
  TORCH_CHECK(has(index), "input ", index, " is missing");
  return inputs_[index];
}

at::Tensor Call::factor(size_t index) const {
  const auto tensor = as_stored(index).contiguous();
  const auto type = tensor.scalar_type();
  return type == at::kFloat || type == at::kBFloat16 ? tensor.to(product_type()) : tensor;
}

at::Tensor Call::converted(size_t index, at::ScalarType type) {
  return slots_.converted(input_handles_[index], type).reshape(as_stored(index).sizes());
}

void Call::store_reordered(size_t index, at::Tensor tensor) { slots_.set(input_handles_[index], std::move(tensor)); }

int64_t Call::integer() {
  TORCH_CHECK(words_ < words_end_, "an attribute is missing");
  return *words_++;
}

std::vector<int64_t> Call::integers() {
  const int64_t count = integer();
  TORCH_CHECK(count >= 0 && count <= words_end_ - words_, "a list of ", count, " integers is cut short");
  std::vector<int64_t> list(words_, words_ + count);
  words_ += count;
  return list;
}

double Call::number() {
  TORCH_CHECK(numbers_ < numbers_end_, "an attribute is missing");
  return *numbers_++;
}

bool Call::is_of_input(const at::Tensor& output) const {
  for (const auto& input : inputs_) {
    if (input.defined() && input.storage().is_alias_of(output.storage())) return true;
  }
  return false;
}

void Call::put(at::Tensor output) { put_in_any_order(output.contiguous()); }

void Call::put_in_any_order(at::Tensor output) {
  const auto type = output.scalar_type();
  TORCH_CHECK(type == at::kFloat || type == at::kInt || type == at::kBool || type == at::kBFloat16,
              "a result of type ", type);
  // A view of part of a tensor would keep the whole of it alive; one that repeats elements is no tensor of its own;
  // one of an input's elements would change with it.
  if (output.storage().nbytes() > output.nbytes() || !output.is_non_overlapping_and_dense() || is_of_input(output)) {
    output = output.clone(at::MemoryFormat::Contiguous);
  }
  outputs_.push_back(std::move(output));
}

std::string message_of(const std::exception& error) {
  const auto* torch = dynamic_cast<const c10::Error*>(&error);
  const std::string whole(torch == nullptr ? error.what() : torch->what_without_backtrace());
  return whole.substr(0, whole.find('\n'));
}

std::vector<at::Tensor> run_kernel(int32_t index, Slots& slots, const int32_t* words, size_t word_count,
                                   const double* numbers, size_t number_count) {
  TORCH_CHECK(index >= 0 && static_cast<size_t>(index) < kernels().size(), "no kernel has the index ", index);
  const NamedKernel& kernel = kernels()[index];
  std::unique_ptr<Call> call;
  std::string message;
  try {
    call = std::make_unique<Call>(slots, words, word_count, numbers, number_count);
    kernel.run(*call);
    return call->outputs();
  } catch (const CollectiveError&) {
    throw;
  } catch (const std::exception& error) {
    message = message_of(error);
  }
  throw std::runtime_error(kernel.name + ": " + message + shapes(call.get()));
}

}  // namespace awp
