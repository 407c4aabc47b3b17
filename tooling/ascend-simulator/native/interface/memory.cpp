// Memory of device and host, copies, data buffers.
#include "answer.h"
#include "contexts.h"
#include "copies.h"
#include "data-types.h"
#include "datasets.h"
#include "error-codes.h"
#include "host-memory.h"
#include "number-formats.h"
#include "settings.h"

using namespace simulator;

namespace {

void allocateDeviceMemory(void **address, std::size_t size, std::size_t extra) {
  requireArgument(address, "devPtr");
  if (size == 0) throw Refusal(code::invalidParameter, "The size is 0.");
  const auto context = workingContext();
  if (size > SIZE_MAX - extra) throw Refusal(code::rtMemoryAllocation, "The size is absurd.");
  *address = context->device->memory.allocate((size + extra) / 32 * 32);
}

/** Boards of the 310 family have DDR, the others HBM; asked for the other kind they have none. */
bool isKindOfMemory(aclrtMemAttr kind) {
  const bool hasDdr = settings().soc.compare(0, 9, "Ascend310") == 0;
  switch (static_cast<int>(kind)) {
    case 0:
    case 2:
    case 3:
    case 6:
    case 7: return hasDdr;
    default: return !hasDdr;
  }
}

}  // namespace

aclError aclrtMalloc(void **address, std::size_t size, int) {
  return answer("aclrtMalloc", [&] { allocateDeviceMemory(address, size, 63); });
}

aclError aclrtMallocAlign32(void **address, std::size_t size, int) {
  return answer("aclrtMallocAlign32", [&] { allocateDeviceMemory(address, size, 31); });
}

aclError aclrtFree(void *address) {
  return answerRelease("aclrtFree", [&] {
    requireArgument(address, "devPtr");
    if (!currentContext()->device->memory.free(address)) {
      throw Refusal(code::rtParameterInvalid, "This is not the address of living memory of the current device.");
    }
  });
}

aclError aclrtMallocHost(void **address, std::size_t size) {
  return answer("aclrtMallocHost", [&] {
    requireArgument(address, "hostPtr");
    if (size == 0) throw Refusal(code::invalidParameter, "The size is 0.");
    currentContext();
    *address = allocateHostMemory(size);
  });
}

aclError aclrtFreeHost(void *address) {
  return answerRelease("aclrtFreeHost", [&] {
    requireArgument(address, "hostPtr");
    currentContext();
    if (!freeHostMemory(address)) {
      throw Refusal(code::rtParameterInvalid, "This is not the address of living pinned memory.");
    }
  });
}

aclError aclrtMemcpy(void *destination, std::size_t destinationSize, const void *source, std::size_t count,
                     aclrtMemcpyKind kind) {
  return answer("aclrtMemcpy", [&] { copyNow(destination, destinationSize, source, count, kind); });
}

aclError aclrtMemcpyAsync(void *destination, std::size_t destinationSize, const void *source, std::size_t count,
                          aclrtMemcpyKind kind, aclrtStream stream) {
  return answer("aclrtMemcpyAsync", [&] { copyLater(destination, destinationSize, source, count, kind, stream); });
}

aclError aclrtMemset(void *address, std::size_t size, std::int32_t value, std::size_t count) {
  return answer("aclrtMemset", [&] { fillNow(address, size, value, count); });
}

aclError aclrtMemsetAsync(void *address, std::size_t size, std::int32_t value, std::size_t count, aclrtStream stream) {
  return answer("aclrtMemsetAsync", [&] { fillLater(address, size, value, count, stream); });
}

aclError aclrtGetMemInfo(aclrtMemAttr kind, std::size_t *free, std::size_t *total) {
  return answer("aclrtGetMemInfo", [&] {
    requireArgument(free, "free");
    requireArgument(total, "total");
    const auto device = currentContext()->device;
    strikeOnDevice("aclrtGetMemInfo", device->number);
    const DeviceMemory &memory = device->memory;
    *total = isKindOfMemory(kind) ? memory.capacity() : 0;
    *free = isKindOfMemory(kind) ? memory.capacity() - memory.usedBytes() : 0;
  });
}

aclDataBuffer *aclCreateDataBuffer(void *address, std::size_t size) {
  return answerValue<aclDataBuffer *>("aclCreateDataBuffer", nullptr, [&] { return createBuffer({address, size}); });
}

aclError aclDestroyDataBuffer(const aclDataBuffer *buffer) {
  return answerRelease("aclDestroyDataBuffer", [&] { destroyBuffer(buffer); });
}

aclError aclUpdateDataBuffer(aclDataBuffer *buffer, void *address, std::size_t size) {
  return answer("aclUpdateDataBuffer", [&] { updateBuffer(buffer, {address, size}); });
}

void *aclGetDataBufferAddr(const aclDataBuffer *buffer) {
  return answerValue<void *>("aclGetDataBufferAddr", nullptr, [&] { return bufferRange(buffer).address; });
}

std::uint32_t aclGetDataBufferSize(const aclDataBuffer *buffer) {
  return answerValue<std::uint32_t>("aclGetDataBufferSize", 0,
                                    [&] { return static_cast<std::uint32_t>(bufferRange(buffer).size); });
}

std::size_t aclGetDataBufferSizeV2(const aclDataBuffer *buffer) {
  return answerValue<std::size_t>("aclGetDataBufferSizeV2", 0, [&] { return bufferRange(buffer).size; });
}

std::size_t aclDataTypeSize(aclDataType type) { return elementSize(type); }

aclFloat16 aclFloatToFloat16(float value) { return toFloat16(value); }

float aclFloat16ToFloat(aclFloat16 value) { return fromFloat16(value); }
