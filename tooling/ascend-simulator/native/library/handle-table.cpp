#include "handle-table.h"

#include <atomic>

#include "reserved-memory.h"

namespace simulator {

namespace {

constexpr std::size_t bytesOfAllHandles = std::size_t{1} << 32;
constexpr std::size_t handleStep = 64;

}  // namespace

void *newHandle() {
  static std::atomic<std::uintptr_t> next{reserveAddresses(bytesOfAllHandles)};
  return reinterpret_cast<void *>(next.fetch_add(handleStep));
}

}  // namespace simulator
