#include "copies.h"

#include <cstdint>
#include <cstring>
#include <string>

#include "answer.h"
#include "contexts.h"
#include "error-codes.h"
#include "host-memory.h"
#include "streams.h"

namespace simulator {

namespace {

constexpr std::size_t asyncAlignment = 64;

enum class Side { host, device };

struct Direction {
  Side source;
  Side destination;
};

bool isOfAnyDevice(const void *address) {
  for (const auto &device : allDevices()) {
    if (device->memory.contains(address)) return true;
  }
  return false;
}

Side sideOf(const void *address) { return isOfAnyDevice(address) ? Side::device : Side::host; }

Direction directionOf(aclrtMemcpyKind kind, const void *destination, const void *source) {
  switch (kind) {
    case ACL_MEMCPY_HOST_TO_HOST: return {Side::host, Side::host};
    case ACL_MEMCPY_HOST_TO_DEVICE:
    case ACL_MEMCPY_HOST_TO_BUF_TO_DEVICE: return {Side::host, Side::device};
    case ACL_MEMCPY_DEVICE_TO_HOST: return {Side::device, Side::host};
    case ACL_MEMCPY_DEVICE_TO_DEVICE:
    case ACL_MEMCPY_INNER_DEVICE_TO_DEVICE:
    case ACL_MEMCPY_INTER_DEVICE_TO_DEVICE: return {Side::device, Side::device};
    case ACL_MEMCPY_DEFAULT: return {sideOf(source), sideOf(destination)};
  }
  throw Refusal(code::invalidParameter, "There is no kind of copy " + std::to_string(kind) + ".");
}

void checkSize(std::size_t count, std::size_t room) {
  if (count == 0) throw Refusal(code::rtParameterInvalid, "A copy of 0 bytes.");
  if (count > room) {
    throw Refusal(code::rtParameterInvalid, std::to_string(count) + " bytes do not fit into the " +
                                                std::to_string(room) + " of the destination.");
  }
}

void checkSide(const char *role, const void *address, Side expected) {
  if (sideOf(address) == expected) return;
  throw Refusal(code::rtParameterInvalid, std::string("The ") + role + " is not memory of the " +
                                              (expected == Side::host ? "host" : "device") +
                                              ", as the kind of the copy says.");
}

/** The code is that of the driver for an address it does not know; which of the two a real one gives here is not
 * documented. */
std::byte *onDevice(const Device &device, const void *address, std::size_t count) {
  std::byte *bytes = device.memory.find(address, count);
  if (bytes == nullptr) {
    throw Refusal(code::rtDriverInternalError, "The range of " + std::to_string(count) +
                                                   " bytes does not lie in one living allocation of device " +
                                                   std::to_string(device.number) + ".");
  }
  return bytes;
}

/** Finds the bytes when the copy is made: what was freed since then is noticed. */
void transfer(Device &device, void *destination, const void *source, std::size_t count, Direction direction) {
  void *to = direction.destination == Side::device ? onDevice(device, destination, count) : destination;
  const void *from = direction.source == Side::device ? onDevice(device, source, count) : source;
  if (direction.source == direction.destination) {
    std::memmove(to, from, count);
    return;
  }
  BusLane &lane = direction.destination == Side::device ? device.toDevice : device.fromDevice;
  lane.copy(to, from, count);
}

bool isAligned(const void *address) { return reinterpret_cast<std::uintptr_t>(address) % asyncAlignment == 0; }

void checkFill(const Device &device, void *address, std::size_t size, std::size_t count) {
  requireArgument(address, "The address");
  checkSize(count, size);
  checkSide("destination", address, Side::device);
  onDevice(device, address, count);
}

}  // namespace

void copyNow(void *destination, std::size_t destinationSize, const void *source, std::size_t count,
             aclrtMemcpyKind kind) {
  requireArgument(destination, "The destination");
  requireArgument(source, "The source");
  if (kind > ACL_MEMCPY_HOST_TO_BUF_TO_DEVICE) {
    throw Refusal(code::invalidParameter, "aclrtMemcpy does not take the kind " + std::to_string(kind) + ".");
  }
  const Direction direction = directionOf(kind, destination, source);
  const auto context = workingContext();
  checkSize(count, destinationSize);
  checkSide("destination", destination, direction.destination);
  checkSide("source", source, direction.source);
  transfer(*context->device, destination, source, count, direction);
}

void copyLater(void *destination, std::size_t destinationSize, const void *source, std::size_t count,
               aclrtMemcpyKind kind, const void *streamHandle) {
  requireArgument(destination, "The destination");
  requireArgument(source, "The source");
  const Direction direction = directionOf(kind, destination, source);
  const auto stream = findStream(streamHandle);
  if (direction.source == Side::host && direction.destination == Side::host) {
    throw Refusal(code::rtFeatureNotSupported, "A stream does not copy from host to host.");
  }
  checkSize(count, destinationSize);
  if (!isAligned(destination) || !isAligned(source)) {
    throw Refusal(code::rtAddressUnaligned, "Both addresses must be multiples of 64.");
  }
  checkSide("destination", destination, direction.destination);
  checkSide("source", source, direction.source);
  const void *host = direction.source == Side::host ? source : destination;
  const bool touchesHost = direction.source != direction.destination;
  const bool mustBePinned = touchesHost && isPinned(host, count);
  const std::uint64_t task = stream->submit({[=](Stream &worker) {
    worker.strike("task.copy");
    if (mustBePinned && !isPinned(host, count)) {
      throw Refusal(code::rtDmaError, "The pinned memory was freed before it was copied.");
    }
    transfer(*worker.device, destination, source, count, direction);
  }});
  // Memory that is not pinned may be moved or freed as soon as the call returns.
  if (touchesHost && !mustBePinned) stream->waitFor(task);
}

void fillNow(void *address, std::size_t size, std::int32_t value, std::size_t count) {
  requireArgument(address, "The address");
  const auto context = workingContext();
  checkFill(*context->device, address, size, count);
  std::memset(onDevice(*context->device, address, count), value, count);
}

void fillLater(void *address, std::size_t size, std::int32_t value, std::size_t count, const void *streamHandle) {
  requireArgument(address, "The address");
  const auto stream = findStream(streamHandle);
  checkFill(*stream->device, address, size, count);
  stream->submit({[=](Stream &worker) {
    worker.strike("task.copy");
    std::memset(onDevice(*worker.device, address, count), value, count);
  }});
}

}  // namespace simulator
