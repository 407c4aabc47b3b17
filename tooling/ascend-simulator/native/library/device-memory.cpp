#include "device-memory.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string>

#include "answer.h"
#include "error-codes.h"
#include "reserved-memory.h"

namespace simulator {

namespace {

constexpr std::size_t alignment = 64;
/** As floats it is NaN, as a batch size absurd. */
constexpr int patternOfNewMemory = 0xff;

std::size_t alignUp(std::size_t offset) { return (offset + alignment - 1) / alignment * alignment; }

[[noreturn]] void refuseRoom(std::size_t bytes, std::size_t used, std::size_t capacity) {
  throw Refusal(code::rtMemoryAllocation, "The device has no room for " + std::to_string(bytes) +
                                              " bytes: " + std::to_string(used) + " of " + std::to_string(capacity) +
                                              " are in use.");
}

}  // namespace

// Room that is only counted takes none of the addresses, so that these can never run out before the capacity does
// except through fragmentation.
DeviceMemory::DeviceMemory(std::size_t capacity)
    : capacityBytes(capacity), firstAddress(reserveAddresses(capacity + 1)), memory(reserveMemory(capacity + 1)) {}

DeviceMemory::~DeviceMemory() { releaseMemory(memory, capacityBytes + 1); }

void *DeviceMemory::allocate(std::size_t bytes) {
  const std::lock_guard lock(mutex);
  requireRoom(bytes);
  std::size_t offset = 0;
  for (const auto &[start, size] : living) {
    if (start >= offset && start - offset >= bytes) break;
    offset = alignUp(start + size);
  }
  if (offset > capacityBytes || capacityBytes - offset < bytes) refuseRoom(bytes, used, capacityBytes);
  living.emplace(offset, bytes);
  note(bytes);
  std::memset(memory + offset, patternOfNewMemory, bytes);
  return reinterpret_cast<void *>(firstAddress + offset);
}

bool DeviceMemory::free(const void *address) {
  const std::lock_guard lock(mutex);
  const auto found =
      contains(address) ? living.find(reinterpret_cast<std::uintptr_t>(address) - firstAddress) : living.end();
  if (found == living.end()) return false;
  used -= found->second;
  const auto after = living.erase(found);
  // The whole gap, so that pages that were shared with what was freed earlier are given back, too.
  const std::size_t begin = after == living.begin() ? 0 : std::prev(after)->first + std::prev(after)->second;
  releaseRoom(memory, begin, after == living.end() ? capacityBytes : after->first);
  return true;
}

void DeviceMemory::take(std::size_t bytes) {
  const std::lock_guard lock(mutex);
  requireRoom(bytes);
  note(bytes);
}

void DeviceMemory::giveBack(std::size_t bytes) {
  const std::lock_guard lock(mutex);
  used -= bytes;
}

bool DeviceMemory::contains(const void *address) const {
  const auto number = reinterpret_cast<std::uintptr_t>(address);
  return number >= firstAddress && number - firstAddress < capacityBytes;
}

std::byte *DeviceMemory::find(const void *address, std::size_t bytes) const {
  if (!contains(address)) return nullptr;
  const std::size_t offset = reinterpret_cast<std::uintptr_t>(address) - firstAddress;
  const std::lock_guard lock(mutex);
  const auto after = living.upper_bound(offset);
  if (after == living.begin()) return nullptr;
  const auto &[start, size] = *std::prev(after);
  const std::size_t inside = offset - start;
  return inside < size && bytes <= size - inside ? memory + offset : nullptr;
}

std::size_t DeviceMemory::usedBytes() const {
  const std::lock_guard lock(mutex);
  return used;
}

std::size_t DeviceMemory::peakBytes() const {
  const std::lock_guard lock(mutex);
  return peak;
}

std::size_t DeviceMemory::allocations() const {
  const std::lock_guard lock(mutex);
  return living.size();
}

void DeviceMemory::requireRoom(std::size_t bytes) const {
  if (bytes > capacityBytes - used) refuseRoom(bytes, used, capacityBytes);
}

void DeviceMemory::note(std::size_t bytes) {
  used += bytes;
  peak = std::max(peak, used);
}

}  // namespace simulator
