// Pinned memory of the host (`aclrtMallocHost`).
#pragma once

#include <cstddef>

namespace simulator {

/** Aligned to 64 bytes and more, filled with a pattern. Whoever touches it after it was freed crashes. */
void *allocateHostMemory(std::size_t bytes);

/** False where the address is not that of a living allocation. */
bool freeHostMemory(const void *address);

/** Whether the whole range lies in one living allocation. */
bool isPinned(const void *address, std::size_t bytes);

std::size_t hostAllocations();

}  // namespace simulator
