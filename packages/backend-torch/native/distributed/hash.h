#pragma once
#include <cstdint>
#include <string>

namespace awp {

// The same on every machine: 64-bit FNV-1a.
inline uint64_t hash_of(const std::string& text) {
  uint64_t value = 0xcbf29ce484222325;
  for (const unsigned char byte : text) value = (value ^ byte) * 0x100000001b3;
  return value;
}

}  // namespace awp
