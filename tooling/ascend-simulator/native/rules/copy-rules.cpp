#include <cstdlib>
#include <cstring>
#include <numeric>
#include <vector>

#include "rule.h"

using namespace rules;

namespace {

constexpr std::size_t size = 1024;

struct Buffers {
  Buffers() : device(deviceMemory(size)), pageable(static_cast<char *>(std::aligned_alloc(64, size))) {
    EXPECT_OK(aclrtMallocHost(&pinned, size));
    std::iota(pageable, pageable + size, char{1});
    std::memcpy(pinned, pageable, size);
    EXPECT_OK(aclrtCreateStream(&stream));
  }

  void *device;
  char *pageable;
  void *pinned = nullptr;
  aclrtStream stream = nullptr;
};

aclError toDevice(void *to, const void *from, std::size_t count, std::size_t room = size) {
  return aclrtMemcpy(to, room, from, count, ACL_MEMCPY_HOST_TO_DEVICE);
}

aclError toDeviceLater(const Buffers &buffers, const void *from) {
  return aclrtMemcpyAsync(buffers.device, size, from, size, ACL_MEMCPY_HOST_TO_DEVICE, buffers.stream);
}

std::vector<char> contents(const Buffers &buffers) {
  std::vector<char> copy(size);
  EXPECT_OK(aclrtMemcpy(copy.data(), size, buffers.device, size, ACL_MEMCPY_DEVICE_TO_HOST));
  return copy;
}

bool hasArrived(const Buffers &buffers) { return std::memcmp(contents(buffers).data(), buffers.pageable, size) == 0; }

}  // namespace

RULE("aclrtMemcpy: NULL and kinds beyond 5 answer 100000") {
  start();
  const Buffers buffers;
  EXPECT_CODE(100000, toDevice(nullptr, buffers.pageable, size));
  EXPECT_CODE(100000, toDevice(buffers.device, nullptr, size));
  EXPECT_CODE(100000, aclrtMemcpy(buffers.device, size, buffers.device, size, ACL_MEMCPY_INNER_DEVICE_TO_DEVICE));
  EXPECT_CODE(100000, aclrtMemcpy(buffers.device, size, buffers.device, size, ACL_MEMCPY_INTER_DEVICE_TO_DEVICE));
}

RULE("aclrtMemcpy: more than fits, or nothing, answers 107000") {
  start();
  const Buffers buffers;
  EXPECT_CODE(107000, toDevice(buffers.device, buffers.pageable, size, size - 1));
  EXPECT_CODE(107000, toDevice(buffers.device, buffers.pageable, 0));
}

RULE("aclrtMemcpy: memory must be where the kind says") {
  start();
  const Buffers buffers;
  std::vector<char> host(size);
  EXPECT_CODE(107000, toDevice(host.data(), buffers.pageable, size));
  EXPECT_CODE(107000, toDevice(buffers.device, buffers.device, size));
  EXPECT_CODE(107000, aclrtMemcpy(host.data(), size, buffers.pageable, size, ACL_MEMCPY_DEVICE_TO_HOST));
  EXPECT_CODE(107000, aclrtMemcpy(buffers.device, size, host.data(), size, ACL_MEMCPY_HOST_TO_HOST));
  EXPECT_CODE(107000, aclrtMemcpy(buffers.device, size, host.data(), size, ACL_MEMCPY_DEVICE_TO_DEVICE));
}

RULE("aclrtMemcpy: a range must lie in living device memory") {
  start();
  const Buffers buffers;
  EXPECT_CODE(507899, toDevice(static_cast<char *>(buffers.device) + 512, buffers.pageable, size));
  EXPECT_OK(aclrtFree(buffers.device));
  EXPECT_CODE(507899, toDevice(buffers.device, buffers.pageable, 64));
}

RULE("aclrtMemcpy copies in every direction, unaligned and by default kind too") {
  start();
  const Buffers buffers;
  EXPECT_OK(toDevice(static_cast<char *>(buffers.device) + 3, buffers.pageable + 3, size - 3, size - 3));
  EXPECT_OK(aclrtMemcpy(buffers.device, size, buffers.pageable, 3, ACL_MEMCPY_DEFAULT));
  EXPECT(hasArrived(buffers));
  void *other = deviceMemory(size);
  EXPECT_OK(aclrtMemcpy(other, size, buffers.device, size, ACL_MEMCPY_DEVICE_TO_DEVICE));
  std::vector<char> back(size);
  EXPECT_OK(aclrtMemcpy(back.data(), size, other, size, ACL_MEMCPY_DEFAULT));
  EXPECT(std::memcmp(back.data(), buffers.pageable, size) == 0);
  EXPECT_OK(aclrtMemcpy(back.data(), size, buffers.pageable, size, ACL_MEMCPY_HOST_TO_HOST));
}

RULE("aclrtMemcpyAsync: host to host answers 207000") {
  start();
  const Buffers buffers;
  EXPECT_CODE(207000,
              aclrtMemcpyAsync(buffers.pinned, size, buffers.pageable, size, ACL_MEMCPY_HOST_TO_HOST, buffers.stream));
}

RULE("aclrtMemcpyAsync: addresses that are not multiples of 64 answer 107008") {
  start();
  const Buffers buffers;
  EXPECT_CODE(107008, aclrtMemcpyAsync(static_cast<char *>(buffers.device) + 32, size - 32, buffers.pinned, size - 32,
                                       ACL_MEMCPY_HOST_TO_DEVICE, buffers.stream));
  EXPECT_CODE(107008, aclrtMemcpyAsync(buffers.device, size, static_cast<char *>(buffers.pinned) + 4, 64,
                                       ACL_MEMCPY_HOST_TO_DEVICE, buffers.stream));
}

RULE("aclrtMemcpyAsync: pinned memory is copied later") {
  configure("FAULTS", "task.copy=delay:200");
  start();
  const Buffers buffers;
  EXPECT_OK(aclrtMemset(buffers.device, size, 0, size));
  EXPECT_OK(toDeviceLater(buffers, buffers.pinned));
  EXPECT(!hasArrived(buffers));
  EXPECT_OK(aclrtSynchronizeStream(buffers.stream));
  EXPECT(hasArrived(buffers));
}

RULE("aclrtMemcpyAsync: pageable memory is copied before the call returns") {
  configure("FAULTS", "task.copy=delay:50");
  start();
  const Buffers buffers;
  EXPECT_OK(toDeviceLater(buffers, buffers.pageable));
  EXPECT(hasArrived(buffers));
}

RULE("memory that is freed before a stream copies it makes the stream fail") {
  configure("FAULTS", "task.copy#1=delay:100");
  start();
  const Buffers buffers;
  EXPECT_OK(toDeviceLater(buffers, buffers.pinned));
  EXPECT_OK(aclrtFree(buffers.device));
  EXPECT_CODE(507899, aclrtSynchronizeStream(buffers.stream));
}

RULE("aclrtMemset and aclrtMemsetAsync fill device memory only") {
  start();
  const Buffers buffers;
  EXPECT_CODE(100000, aclrtMemset(nullptr, size, 0, size));
  EXPECT_CODE(107000, aclrtMemset(buffers.device, size, 0, size + 1));
  EXPECT_CODE(107000, aclrtMemset(buffers.pageable, size, 0, size));
  EXPECT_OK(aclrtMemsetAsync(buffers.device, size, 9, size, buffers.stream));
  EXPECT_OK(aclrtSynchronizeStream(buffers.stream));
  for (const char byte : contents(buffers)) EXPECT(byte == 9);
}

RULE("aclrtMemcpyAsync: what pinned memory holds is read when the copy is made, not when it is asked for") {
  configure("FAULTS", "task.copy=delay:200");
  start();
  const Buffers buffers;
  std::memset(buffers.pinned, 0, size);
  EXPECT_OK(toDeviceLater(buffers, buffers.pinned));
  std::memcpy(buffers.pinned, buffers.pageable, size);
  EXPECT_OK(aclrtSynchronizeStream(buffers.stream));
  EXPECT(hasArrived(buffers));
}

RULE("pinned memory that is freed before a stream copies it makes the stream fail: 507013") {
  configure("FAULTS", "task.copy#1=delay:100");
  start();
  const Buffers buffers;
  EXPECT_OK(toDeviceLater(buffers, buffers.pinned));
  EXPECT_OK(aclrtFreeHost(buffers.pinned));
  EXPECT_CODE(507013, aclrtSynchronizeStream(buffers.stream));
}
