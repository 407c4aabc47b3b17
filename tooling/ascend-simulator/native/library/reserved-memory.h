// Addresses that nobody may touch.
#pragma once

#include <cstddef>
#include <cstdint>

namespace simulator {

/** A range of addresses without memory behind it: whoever reads or writes there crashes. Never given back. */
std::uintptr_t reserveAddresses(std::size_t bytes);

/** Private memory, at the begin of a page, that only takes room once it is written to. */
std::byte *reserveMemory(std::size_t bytes);

/** Gives back what `reserveMemory` gave. */
void releaseMemory(void *memory, std::size_t bytes);

/** Gives back the room of the whole pages within a part of reserved memory; they can be written to again. */
void releaseRoom(std::byte *memory, std::size_t from, std::size_t to);

}  // namespace simulator
