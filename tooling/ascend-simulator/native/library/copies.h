// Copies between host and device, checked against where the memory really is.
#pragma once

#include <cstddef>

#include "ascendcl.h"

namespace simulator {

void copyNow(void *destination, std::size_t destinationSize, const void *source, std::size_t count,
             aclrtMemcpyKind kind);
void copyLater(void *destination, std::size_t destinationSize, const void *source, std::size_t count,
               aclrtMemcpyKind kind, const void *stream);
void fillNow(void *address, std::size_t size, std::int32_t value, std::size_t count);
void fillLater(void *address, std::size_t size, std::int32_t value, std::size_t count, const void *stream);

}  // namespace simulator
