// Events: points in the work of a stream, with their time.
#pragma once

#include <cstdint>

namespace simulator {

void *createEvent();
void destroyEvent(const void *handle);
/** Records the event anew: what it said before is forgotten. */
void recordEvent(const void *handle, const void *stream);
/** Whether what was recorded last has come to pass. @throws Refusal with the failure of its stream */
bool isComplete(const void *handle);
void synchronizeEvent(const void *handle);
float elapsedMilliseconds(const void *start, const void *end);
std::uint64_t openEvents();

}  // namespace simulator
