#include "host-memory.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <mutex>
#include <new>

namespace simulator {

namespace {

constexpr std::size_t pageBytes = 4096;
constexpr int patternOfNewMemory = 0xff;
constexpr int patternOfFreedMemory = 0xfe;

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
  void *address = std::aligned_alloc(pageBytes, (bytes + pageBytes - 1) / pageBytes * pageBytes);
  if (address == nullptr) throw std::bad_alloc();
  std::memset(address, patternOfNewMemory, bytes);
  const std::lock_guard lock(pinned().mutex);
  pinned().living.emplace(reinterpret_cast<std::uintptr_t>(address), bytes);
  return address;
}

bool freeHostMemory(const void *address) {
  const std::lock_guard lock(pinned().mutex);
  const auto found = pinned().living.find(reinterpret_cast<std::uintptr_t>(address));
  if (found == pinned().living.end()) return false;
  auto *memory = reinterpret_cast<void *>(found->first);
  std::memset(memory, patternOfFreedMemory, found->second);
  std::free(memory);
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
