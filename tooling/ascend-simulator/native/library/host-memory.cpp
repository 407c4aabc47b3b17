#include "host-memory.h"

#include <cstdint>
#include <cstring>
#include <iterator>
#include <map>
#include <mutex>

#include "reserved-memory.h"

namespace simulator {

namespace {

constexpr int patternOfNewMemory = 0xff;

struct PinnedMemory {
  std::mutex mutex;
  std::map<std::uintptr_t, std::size_t> living;
};

PinnedMemory &pinned() {
  static PinnedMemory &instance = *new PinnedMemory;
  return instance;
}

}  // namespace

void *allocateHostMemory(std::size_t bytes) {
  void *address = reserveMemory(bytes);
  std::memset(address, patternOfNewMemory, bytes);
  const std::lock_guard lock(pinned().mutex);
  pinned().living.emplace(reinterpret_cast<std::uintptr_t>(address), bytes);
  return address;
}

bool freeHostMemory(const void *address) {
  const std::lock_guard lock(pinned().mutex);
  const auto found = pinned().living.find(reinterpret_cast<std::uintptr_t>(address));
  if (found == pinned().living.end()) return false;
  releaseMemory(reinterpret_cast<void *>(found->first), found->second);
  pinned().living.erase(found);
  return true;
}

bool isPinned(const void *address, std::size_t bytes) {
  const auto number = reinterpret_cast<std::uintptr_t>(address);
  const std::lock_guard lock(pinned().mutex);
  const auto after = pinned().living.upper_bound(number);
  if (after == pinned().living.begin()) return false;
  const auto &[start, size] = *std::prev(after);
  const std::size_t inside = number - start;
  return inside < size && bytes <= size - inside;
}

std::size_t hostAllocations() {
  const std::lock_guard lock(pinned().mutex);
  return pinned().living.size();
}

}  // namespace simulator
