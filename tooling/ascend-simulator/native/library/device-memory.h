// Memory of one device: an address space of its own. A device pointer is an address in a range that the host cannot
// touch; the bytes lie elsewhere, and only the library finds them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

namespace simulator {

class DeviceMemory {
 public:
  explicit DeviceMemory(std::size_t capacity);
  ~DeviceMemory();
  DeviceMemory(const DeviceMemory &) = delete;
  DeviceMemory &operator=(const DeviceMemory &) = delete;

  /**
   * The first gap that is large enough, aligned to 64 bytes, filled with a pattern.
   * @throws Refusal 207001 when there is none
   */
  void *allocate(std::size_t bytes);
  /** The process gives its pages back. False where the address is not that of a living allocation. */
  bool free(const void *address);

  /** Room that is only counted, for weights that nobody copies. @throws Refusal 207001 */
  void take(std::size_t bytes);
  void giveBack(std::size_t bytes);

  /** Whether the address lies in the range of this device, allocated or not. */
  bool contains(const void *address) const;
  /** The bytes behind a part of one living allocation; NULL for any other range. */
  std::byte *find(const void *address, std::size_t bytes) const;

  std::size_t capacity() const { return capacityBytes; }
  std::size_t usedBytes() const;
  std::size_t peakBytes() const;
  std::size_t allocations() const;

 private:
  void requireRoom(std::size_t bytes) const;
  void note(std::size_t bytes);

  const std::size_t capacityBytes;
  const std::uintptr_t firstAddress;
  std::byte *const memory;
  mutable std::mutex mutex;
  /** Offsets and sizes. */
  std::map<std::size_t, std::size_t> living;
  std::size_t used = 0;
  std::size_t peak = 0;
};

}  // namespace simulator
