#include <cstring>
#include <fstream>
#include <string>
#include <thread>

#include "rule.h"

using namespace rules;

namespace {

std::string temporaryFile(const char *name, const char *text) {
  const std::string path = prepared(name);
  std::ofstream(path) << text;
  return path;
}

}  // namespace

RULE("a second aclInit answers 100002 and is counted") {
  EXPECT_OK(aclInit(nullptr));
  EXPECT_CODE(100002, aclInit(""));
  std::uint64_t left = 9;
  EXPECT_OK(aclFinalizeReference(&left));
  EXPECT(left == 1);
  EXPECT_OK(aclFinalizeReference(&left));
  EXPECT(left == 0);
  EXPECT_CODE(100037, aclFinalizeReference(&left));
}

RULE("aclFinalize ends all references, a second one answers 100037") {
  EXPECT_OK(aclInit(nullptr));
  EXPECT_CODE(100002, aclInit(nullptr));
  EXPECT_OK(aclFinalize());
  EXPECT_CODE(100037, aclFinalize());
}

RULE("aclInit after aclFinalize begins anew") {
  EXPECT_OK(aclInit(nullptr));
  EXPECT_OK(aclFinalize());
  EXPECT_OK(aclInit(nullptr));
  EXPECT_OK(aclrtSetDevice(0));
}

RULE("a second aclInit with another configuration answers 100000") {
  const std::string first = temporaryFile("first.json", "{\"err_msg_mode\": \"1\"}");
  const std::string second = temporaryFile("second.json", "{}");
  EXPECT_OK(aclInit(first.c_str()));
  EXPECT_CODE(100002, aclInit(first.c_str()));
  EXPECT_CODE(100000, aclInit(second.c_str()));
}

RULE("aclInit refuses a configuration that is missing (100003) or no JSON (100006)") {
  EXPECT_CODE(100003, aclInit(prepared("missing.json").c_str()));
  EXPECT_CODE(100006, aclInit(temporaryFile("broken.json", "err_msg_mode=1").c_str()));
}

RULE("aclInit without a driver answers 500000") {
  configure("SOC", "none");
  EXPECT_CODE(500000, aclInit(nullptr));
  EXPECT(aclrtGetSocName() == nullptr);
}

RULE("the link-time stub answers 100039") {
  configure("STUB_LIBRARY", "1");
  EXPECT_CODE(100039, aclInit(nullptr));
  EXPECT_CODE(100039, aclrtSetDevice(0));
}

RULE("what needs aclInit answers 100001 without it") {
  EXPECT_OK(aclInit(nullptr));
  EXPECT_OK(aclFinalize());
  EXPECT_CODE(100001, aclrtSetDevice(0));
  void *address = nullptr;
  EXPECT_CODE(100001, aclrtMalloc(&address, 64, 0));
}

RULE("settings that cannot be read make aclInit fail") {
  configure("FAULTS", "aclrtMalloc");
  EXPECT_CODE(500000, aclInit(nullptr));
}

RULE("the recent message is that of its thread, and reading forgets it") {
  EXPECT_OK(aclInit(nullptr));
  EXPECT(aclGetRecentErrMsg() == nullptr);
  EXPECT_CODE(107001, aclrtSetDevice(5));
  bool hasOther = true;
  std::thread([&] { hasOther = aclGetRecentErrMsg() != nullptr; }).join();
  EXPECT(!hasOther);
  const char *message = aclGetRecentErrMsg();
  EXPECT(message != nullptr && std::strstr(message, "device 5") != nullptr);
  EXPECT(aclGetRecentErrMsg() == nullptr);
}

RULE("the last error is that of its thread; getting it forgets it, peeking does not") {
  EXPECT_OK(aclInit(nullptr));
  EXPECT_CODE(107001, aclrtSetDevice(5));
  EXPECT(aclrtPeekAtLastError(0) == 107001);
  EXPECT(aclrtGetLastError(0) == 107001);
  EXPECT(aclrtGetLastError(0) == 0);
}

RULE("versions and the SoC name need no device") {
  std::int32_t major = 0;
  std::int32_t minor = 0;
  std::int32_t patch = 9;
  EXPECT_OK(aclrtGetVersion(&major, &minor, &patch));
  EXPECT(major == 1 && minor == 16 && patch == 0);
  char runtime[] = "runtime";
  char text[128];
  EXPECT_OK(aclsysGetVersionStr(runtime, text));
  EXPECT(std::strcmp(text, "8.5.0") == 0);
  std::int32_t number = 0;
  EXPECT_OK(aclsysGetVersionNum(runtime, &number));
  EXPECT(number == 80500000);
  char unknown[] = "unknown";
  EXPECT_CODE(100000, aclsysGetVersionStr(unknown, text));
  aclCANNPackageVersion version;
  EXPECT_OK(aclsysGetCANNVersion(0, &version));
  EXPECT(std::strcmp(version.version, "8.5.0") == 0);
  EXPECT(std::strcmp(aclrtGetSocName(), "Ascend910B4") == 0);
  EXPECT(webssl_ascend_simulator_version() > 0);
}

RULE("pointers that must not be NULL: 100000") {
  start();
  EXPECT_CODE(100000, aclrtGetVersion(nullptr, nullptr, nullptr));
  EXPECT_CODE(100000, aclrtGetDeviceCount(nullptr));
  EXPECT_CODE(100000, aclrtCreateContext(nullptr, 0));
  EXPECT_CODE(100000, aclrtCreateStream(nullptr));
  EXPECT_CODE(100000, aclrtCreateEvent(nullptr));
  EXPECT_CODE(100000, aclmdlLoadFromFile(nullptr, nullptr));
}

RULE("aclFinalize ends the default contexts of its devices") {
  start();
  EXPECT_OK(aclFinalize());
  EXPECT_OK(aclInit(nullptr));
  void *address = nullptr;
  EXPECT_CODE(107002, aclrtMalloc(&address, 64, 0));
}

RULE("aclInit gives the devices that the environment says, also when memory of the earlier ones was left over") {
  start();
  deviceMemory(64);
  EXPECT_OK(aclFinalize());
  configure("DEVICES", "3");
  configure("COUNTERS", prepared("."));
  start();
  std::uint32_t count = 0;
  EXPECT_OK(aclrtGetDeviceCount(&count));
  EXPECT(count == 3);
  EXPECT_OK(aclrtSetDevice(2));
  EXPECT_OK(aclFinalize());
  EXPECT(ownCounters().find("\nopenDeviceAllocations 1\n") != std::string::npos);
}
