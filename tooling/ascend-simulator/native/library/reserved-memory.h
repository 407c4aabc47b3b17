// Addresses that nobody may touch.
#pragma once

#include <cstddef>
#include <cstdint>

namespace simulator {

/** A range of addresses without memory behind it: whoever reads or writes there crashes. Never given back. */
std::uintptr_t reserveAddresses(std::size_t bytes);

/** Private memory that only takes room once it is written to. Never given back. */
std::byte *reserveMemory(std::size_t bytes);

}  // namespace simulator
