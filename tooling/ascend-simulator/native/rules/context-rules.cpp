#include <thread>

#include "rule.h"

using namespace rules;

namespace {

/** The answer in a thread of its own. */
aclError inThread(const std::function<aclError()> &call) {
  aclError result = -1;
  std::thread([&] { result = call(); }).join();
  return result;
}

aclError allocate() {
  void *address = nullptr;
  return aclrtMalloc(&address, 64, 0);
}

}  // namespace

RULE("without a context of its thread a call answers 107002") {
  start();
  EXPECT_CODE(107002, inThread(allocate));
  EXPECT_CODE(107002, inThread([] {
                aclrtStream stream;
                return aclrtCreateStream(&stream);
              }));
  EXPECT_CODE(107002, inThread([] {
                std::uint32_t id;
                return aclmdlLoadFromFile(prepared("static.om").c_str(), &id);
              }));
  EXPECT_CODE(107002, inThread([] {
                std::int32_t device;
                return aclrtGetDevice(&device);
              }));
}

RULE("aclrtSetCurrentContext binds a context to a thread") {
  start();
  aclrtContext context;
  EXPECT_OK(aclrtGetCurrentContext(&context));
  EXPECT_OK(inThread([&] {
    const aclError bound = aclrtSetCurrentContext(context);
    return bound == 0 ? allocate() : bound;
  }));
}

RULE("threads that set one device share its default context") {
  start();
  aclrtContext first;
  aclrtContext second = nullptr;
  EXPECT_OK(aclrtGetCurrentContext(&first));
  EXPECT_OK(inThread([&] {
    const aclError set = aclrtSetDevice(0);
    return set == 0 ? aclrtGetCurrentContext(&second) : set;
  }));
  EXPECT(first == second);
}

RULE("aclrtResetDevice counts: the default context ends with the last reference") {
  start();
  EXPECT_OK(aclrtSetDevice(0));
  EXPECT_OK(aclrtResetDevice(0));
  EXPECT_OK(allocate());
  EXPECT_OK(aclrtResetDevice(0));
  EXPECT_CODE(107002, allocate());
  EXPECT_CODE(107002, aclrtResetDevice(0));
}

RULE("aclrtResetDeviceForce ends it at once") {
  start();
  EXPECT_OK(aclrtSetDevice(0));
  EXPECT_OK(aclrtResetDeviceForce(0));
  EXPECT_CODE(107002, allocate());
}

RULE("a device beyond the count answers 107001") {
  configure("DEVICES", "2");
  start();
  std::uint32_t count = 0;
  EXPECT_OK(aclrtGetDeviceCount(&count));
  EXPECT(count == 2);
  EXPECT_OK(aclrtSetDevice(1));
  EXPECT_CODE(107001, aclrtSetDevice(2));
  EXPECT_CODE(107001, aclrtSetDevice(-1));
  aclrtContext context;
  EXPECT_CODE(107001, aclrtCreateContext(&context, 2));
}

RULE("aclrtCreateContext makes the new context the current one") {
  configure("DEVICES", "2");
  start();
  aclrtContext context;
  EXPECT_OK(aclrtCreateContext(&context, 1));
  std::int32_t device = -1;
  EXPECT_OK(aclrtGetDevice(&device));
  EXPECT(device == 1);
  EXPECT_OK(aclrtDestroyContext(context));
  EXPECT_CODE(107002, allocate());
  EXPECT_CODE(107002, aclrtSetCurrentContext(context));
  EXPECT_CODE(107002, aclrtDestroyContext(context));
}

RULE("a default context is not to be destroyed") {
  start();
  aclrtContext context;
  EXPECT_OK(aclrtGetCurrentContext(&context));
  EXPECT_CODE(107000, aclrtDestroyContext(context));
}

RULE("a stream of another context answers 107003") {
  start();
  aclrtStream stream;
  EXPECT_OK(aclrtCreateStream(&stream));
  aclrtContext context;
  EXPECT_OK(aclrtCreateContext(&context, 0));
  EXPECT_CODE(107003, aclrtSynchronizeStream(stream));
}

RULE("the run mode is that of a host") {
  start();
  aclrtRunMode mode = ACL_DEVICE;
  EXPECT_OK(aclrtGetRunMode(&mode));
  EXPECT(mode == ACL_HOST);
}

RULE("utilizationExtend must be NULL: 100000") {
  start();
  aclrtUtilizationInfo info = {};
  EXPECT_OK(aclrtGetDeviceUtilizationRate(0, &info));
  info.utilizationExtend = &info;
  EXPECT_CODE(100000, aclrtGetDeviceUtilizationRate(0, &info));
}

RULE("pinned memory and events need a context, as device memory does: 107002") {
  start();
  EXPECT_CODE(107002, inThread([] {
                void *address = nullptr;
                return aclrtMallocHost(&address, 64);
              }));
  EXPECT_CODE(107002, inThread([] {
                aclrtEvent event = nullptr;
                return aclrtCreateEvent(&event);
              }));
}

RULE("status, time and end of an event, and the description of a model, need no context") {
  start();
  aclrtEvent event;
  EXPECT_OK(aclrtCreateEvent(&event));
  EXPECT_OK(aclrtRecordEvent(event, nullptr));
  EXPECT_OK(aclrtSynchronizeEvent(event));
  const LoadedModel model("static.om");
  EXPECT_OK(inThread([&] {
    aclrtEventRecordedStatus status;
    return aclrtQueryEventStatus(event, &status);
  }));
  EXPECT_OK(inThread([&] {
    float milliseconds;
    return aclrtEventElapsedTime(&milliseconds, event, event);
  }));
  EXPECT_OK(inThread([&] { return aclrtDestroyEvent(event); }));
  EXPECT_OK(inThread([&] { return aclmdlGetDesc(model.description, model.id); }));
}

RULE("a stream of another context is not to be destroyed: 107003") {
  start();
  aclrtStream stream;
  EXPECT_OK(aclrtCreateStream(&stream));
  aclrtContext context;
  EXPECT_OK(aclrtCreateContext(&context, 0));
  EXPECT_CODE(107003, aclrtDestroyStream(stream));
  EXPECT_CODE(107003, aclrtDestroyStreamForce(stream));
}
