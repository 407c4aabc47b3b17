#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "rule.h"

using namespace rules;

namespace {

constexpr std::size_t kilobyte = 1024;

std::size_t freeBytes() {
  std::size_t free = 0;
  std::size_t total = 0;
  EXPECT_OK(aclrtGetMemInfo(ACL_HBM_MEM, &free, &total));
  return free;
}

struct ProcessMemory {
  std::size_t addresses = 0;
  std::size_t resident = 0;
};

/** What the process has from the system, in bytes. */
ProcessMemory processMemory() {
  std::ifstream file("/proc/self/statm");
  ProcessMemory memory;
  file >> memory.addresses >> memory.resident;
  EXPECT(memory.resident > 0);
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return {memory.addresses * page, memory.resident * page};
}

/** What lies in device memory. */
std::vector<unsigned char> read(const void *address, std::size_t bytes) {
  std::vector<unsigned char> copy(bytes);
  EXPECT_OK(aclrtMemcpy(copy.data(), bytes, address, bytes, ACL_MEMCPY_DEVICE_TO_HOST));
  return copy;
}

}  // namespace

RULE("aclrtMalloc refuses NULL and 0 bytes: 100000") {
  start();
  void *address;
  EXPECT_CODE(100000, aclrtMalloc(nullptr, 64, 0));
  EXPECT_CODE(100000, aclrtMalloc(&address, 0, 0));
  EXPECT_CODE(100000, aclrtMallocHost(&address, 0));
}

RULE("an unknown allocation policy is taken for the default") {
  start();
  void *address;
  EXPECT_OK(aclrtMalloc(&address, 64, 4711));
}

RULE("device addresses are multiples of 64, and sizes rounded as documented") {
  start();
  const std::size_t before = freeBytes();
  void *first = deviceMemory(1);  // (1 + 63) / 32 * 32
  EXPECT(before - freeBytes() == 64);
  void *second = deviceMemory(70);  // (70 + 63) / 32 * 32
  EXPECT(before - freeBytes() == 64 + 128);
  void *third;
  EXPECT_OK(aclrtMallocAlign32(&third, 70, 0));  // (70 + 31) / 32 * 32
  EXPECT(before - freeBytes() == 64 + 128 + 96);
  // 96 bytes are no multiple of 64: what comes after them must be one all the same.
  void *fourth = deviceMemory(1);
  for (void *address : {first, second, third, fourth}) EXPECT(reinterpret_cast<std::uintptr_t>(address) % 64 == 0);
}

RULE("device memory is bounded: 207001") {
  configure("MEMORY_BYTES", "4096");
  start();
  void *address;
  EXPECT_CODE(207001, aclrtMalloc(&address, 5000, 0));
  void *most = deviceMemory(3 * kilobyte);
  EXPECT_CODE(207001, aclrtMalloc(&address, 2 * kilobyte, 0));
  EXPECT_OK(aclrtFree(most));
  EXPECT_OK(aclrtMalloc(&address, 2 * kilobyte, 0));
}

RULE("the host cannot touch device memory: it crashes") {
  start();
  void *address = deviceMemory(kilobyte);
  expectCrash([address] { std::memset(address, 0, 1); });
  expectCrash([address] { EXPECT(*static_cast<volatile char *>(address) == 0); });
}

RULE("new device memory is not zeroed: as floats it is NaN, be it used before or not") {
  start();
  for (int use = 0; use < 2; ++use) {
    void *address = deviceMemory(kilobyte);
    const auto bytes = read(address, kilobyte);
    std::vector<float> values(kilobyte / sizeof(float));
    std::memcpy(values.data(), bytes.data(), kilobyte);
    for (const float value : values) EXPECT(value != value);
    EXPECT_OK(aclrtMemset(address, kilobyte, 0, kilobyte));
    EXPECT_OK(aclrtFree(address));
  }
}

RULE("memory that was freed and is given out again holds nothing old") {
  start();
  void *first = deviceMemory(kilobyte);
  EXPECT_OK(aclrtMemset(first, kilobyte, 7, kilobyte));
  EXPECT_OK(aclrtFree(first));
  for (const unsigned char byte : read(deviceMemory(kilobyte), kilobyte)) EXPECT(byte != 7);
}

RULE("freeing twice, a host pointer or the middle of an allocation is refused") {
  start();
  void *address = deviceMemory(kilobyte);
  char host[64];
  EXPECT_CODE(107000, aclrtFree(static_cast<char *>(address) + 64));
  EXPECT_CODE(107000, aclrtFree(host));
  EXPECT_OK(aclrtFree(address));
  EXPECT_CODE(107000, aclrtFree(address));
  EXPECT_CODE(100000, aclrtFree(nullptr));
}

RULE("pinned memory is the host's, and freed once") {
  start();
  void *address;
  EXPECT_OK(aclrtMallocHost(&address, kilobyte));
  std::memset(address, 1, kilobyte);
  EXPECT_CODE(107000, aclrtFree(address));
  EXPECT_OK(aclrtFreeHost(address));
  EXPECT_CODE(107000, aclrtFreeHost(address));
  EXPECT_CODE(100000, aclrtFreeHost(nullptr));
  expectCrash([address] { std::memset(address, 1, 1); });
}

RULE("memory of one device is not that of another") {
  configure("DEVICES", "2");
  start();
  void *address = deviceMemory(kilobyte);
  EXPECT_OK(aclrtSetDevice(1));
  char host[64] = {};
  EXPECT_CODE(507899, aclrtMemcpy(address, 64, host, 64, ACL_MEMCPY_HOST_TO_DEVICE));
  EXPECT_CODE(107000, aclrtFree(address));
}

RULE("aclrtGetMemInfo tells of HBM on a 910, of DDR on a 310") {
  start();
  std::size_t free = 1;
  std::size_t total = 1;
  EXPECT_OK(aclrtGetMemInfo(ACL_HBM_MEM, &free, &total));
  EXPECT(total == std::size_t{1} << 30 && free == total);
  EXPECT_OK(aclrtGetMemInfo(ACL_DDR_MEM, &free, &total));
  EXPECT(total == 0);
  EXPECT_OK(aclFinalize());
  configure("SOC", "Ascend310P3");
  start();
  EXPECT_OK(aclrtGetMemInfo(ACL_DDR_MEM, &free, &total));
  EXPECT(total == std::size_t{1} << 30);
}

RULE("sizes of data types, and float16 both ways") {
  EXPECT(aclDataTypeSize(ACL_FLOAT) == 4 && aclDataTypeSize(ACL_FLOAT16) == 2 && aclDataTypeSize(ACL_INT64) == 8);
  EXPECT(aclDataTypeSize(ACL_DT_UNDEFINED) == 0);
  EXPECT(aclFloatToFloat16(1.0F) == 0x3c00 && aclFloatToFloat16(-2.0F) == 0xc000);
  EXPECT(aclFloatToFloat16(65519.0F) == 0x7bff && aclFloatToFloat16(65520.0F) == 0x7c00);
  EXPECT(aclFloatToFloat16(5.9604645e-8F) == 0x0001 && aclFloatToFloat16(2.9802322e-8F) == 0x0000);
  // 1 + 2^-11 lies half-way: to even. One more bit: up.
  EXPECT(aclFloatToFloat16(1.00048828125F) == 0x3c00 && aclFloatToFloat16(1.00048840045F) == 0x3c01);
  for (std::uint32_t bits = 0; bits < 0x7c00; ++bits) {
    EXPECT(aclFloatToFloat16(aclFloat16ToFloat(static_cast<aclFloat16>(bits))) == bits);
  }
}

RULE("memory that was freed takes no room in the process") {
  start();
  constexpr std::size_t megabyte = 1024 * kilobyte;
  void *kept = deviceMemory(kilobyte);
  const std::size_t before = processMemory().resident;
  for (int cycle = 0; cycle < 300; ++cycle) {
    void *device = deviceMemory(4 * megabyte);
    void *host;
    EXPECT_OK(aclrtMallocHost(&host, 4 * megabyte));
    void *small = deviceMemory(kilobyte);
    EXPECT_OK(aclrtFree(device));
    EXPECT_OK(aclrtFreeHost(host));
    EXPECT_OK(aclrtFree(small));
  }
  EXPECT(processMemory().resident < before + megabyte);
  EXPECT_OK(aclrtFree(kept));
}

RULE("of devices that are no more, only the addresses are kept") {
  constexpr std::size_t capacity = std::size_t{64} << 20;
  constexpr int cycles = 8;
  const ProcessMemory before = processMemory();
  for (int cycle = 0; cycle < cycles; ++cycle) {
    configure("MEMORY_BYTES", std::to_string(capacity + static_cast<std::size_t>(cycle)));
    start();
    EXPECT_OK(aclrtFree(deviceMemory(capacity / 2)));
    EXPECT_OK(aclrtResetDevice(0));
    EXPECT_OK(aclFinalize());
  }
  EXPECT(processMemory().resident < before.resident + capacity / 16);
  // Addresses of each, memory and the handles' 4 GiB of addresses of one.
  EXPECT(processMemory().addresses < before.addresses + (cycles + 2) * capacity + (std::size_t{4} << 30));
}
