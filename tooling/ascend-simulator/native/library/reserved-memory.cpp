#include "reserved-memory.h"

#include <sys/mman.h>

#include <new>

namespace simulator {

namespace {

void *map(std::size_t bytes, int protection) {
  void *address = mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (address == MAP_FAILED) throw std::bad_alloc();
  return address;
}

}  // namespace

std::uintptr_t reserveAddresses(std::size_t bytes) { return reinterpret_cast<std::uintptr_t>(map(bytes, PROT_NONE)); }

std::byte *reserveMemory(std::size_t bytes) { return static_cast<std::byte *>(map(bytes, PROT_READ | PROT_WRITE)); }

}  // namespace simulator
