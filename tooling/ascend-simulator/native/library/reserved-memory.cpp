#include "reserved-memory.h"

#include <sys/mman.h>
#include <unistd.h>

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

void releaseMemory(void *memory, std::size_t bytes) { munmap(memory, bytes); }

void releaseRoom(std::byte *memory, std::size_t from, std::size_t to) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::size_t first = (from + page - 1) / page * page;
  const std::size_t last = to / page * page;
  if (first < last) madvise(memory + first, last - first, MADV_DONTNEED);
}

}  // namespace simulator
