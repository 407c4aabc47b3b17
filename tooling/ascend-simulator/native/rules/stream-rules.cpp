#include <chrono>
#include <cstring>
#include <thread>

#include "rule.h"

using namespace rules;

namespace {

/** A stream whose first copy takes as long as the plan says. */
struct BusyStream {
  explicit BusyStream(const char *faults) {
    configure("FAULTS", faults);
    start();
    EXPECT_OK(aclrtCreateStream(&stream));
    device = deviceMemory(64);
    copy();
  }

  void copy() { EXPECT_OK(aclrtMemsetAsync(device, 64, 1, 64, stream)); }

  aclrtStream stream = nullptr;
  void *device = nullptr;
};

aclrtEvent newEvent() {
  aclrtEvent event;
  EXPECT_OK(aclrtCreateEvent(&event));
  return event;
}

int statusOf(aclrtEvent event) {
  aclrtEventRecordedStatus status;
  EXPECT_OK(aclrtQueryEventStatus(event, &status));
  return status;
}

}  // namespace

RULE("aclrtSynchronizeStreamWithTimeout answers 507046 while the stream works") {
  const BusyStream busy("task.copy=delay:300");
  EXPECT_CODE(507046, aclrtSynchronizeStreamWithTimeout(busy.stream, 10));
  EXPECT_OK(aclrtSynchronizeStreamWithTimeout(busy.stream, 10'000));
  EXPECT_OK(aclrtSynchronizeStreamWithTimeout(busy.stream, -1));
  EXPECT_CODE(107000, aclrtSynchronizeStreamWithTimeout(busy.stream, -2));
}

RULE("a hanging task holds its stream until the stream is destroyed by force") {
  const BusyStream busy("task.copy=hang");
  EXPECT_CODE(507046, aclrtSynchronizeStreamWithTimeout(busy.stream, 20));
  EXPECT_OK(aclrtDestroyStreamForce(busy.stream));
}

RULE("aclrtResetDevice ends hanging streams of its default context") {
  const BusyStream busy("task.copy=hang");
  EXPECT_OK(aclrtResetDevice(0));
}

RULE("a stream that was destroyed is refused: 107017") {
  start();
  aclrtStream stream;
  EXPECT_OK(aclrtCreateStreamWithConfig(&stream, 0, 0));
  EXPECT_OK(aclrtDestroyStream(stream));
  EXPECT_CODE(107017, aclrtSynchronizeStream(stream));
  EXPECT_CODE(107017, aclrtDestroyStream(stream));
  EXPECT_CODE(100000, aclrtDestroyStream(nullptr));
}

RULE("aclrtDestroyStream waits for the tasks of the stream") {
  const BusyStream busy("task.copy=delay:100");
  EXPECT_OK(aclrtDestroyStream(busy.stream));
  char byte = 0;
  EXPECT_OK(aclrtMemcpy(&byte, 1, busy.device, 1, ACL_MEMCPY_DEVICE_TO_HOST));
  EXPECT(byte == 1);
}

RULE("after a task has failed, its stream goes on unless it was told to stop, and says so when it is waited for") {
  BusyStream busy("task.copy#1=507015");
  EXPECT_OK(aclrtMemsetAsync(busy.device, 64, 2, 64, busy.stream));
  const aclrtEvent event = newEvent();
  EXPECT_OK(aclrtRecordEvent(event, busy.stream));
  EXPECT_OK(aclrtSynchronizeEvent(event));
  EXPECT(statusOf(event) == 1);
  EXPECT_CODE(507015, aclrtSynchronizeStream(busy.stream));
  char byte = 0;
  EXPECT_OK(aclrtMemcpy(&byte, 1, busy.device, 1, ACL_MEMCPY_DEVICE_TO_HOST));
  EXPECT(byte == 2);
}

RULE("aclrtSetStreamFailureMode takes 0 and 1, and no default stream: 107000") {
  const BusyStream busy("");
  EXPECT_OK(aclrtSetStreamFailureMode(busy.stream, 1));
  EXPECT_OK(aclrtSetStreamFailureMode(busy.stream, 0));
  EXPECT_CODE(107000, aclrtSetStreamFailureMode(busy.stream, 2));
  EXPECT_CODE(107000, aclrtSetStreamFailureMode(nullptr, 1));
}

RULE("a stream that stops at failures keeps failing; another stream works") {
  BusyStream busy("task.copy#1=delay:20;task.copy#2=507015");
  EXPECT_OK(aclrtSetStreamFailureMode(busy.stream, 1));
  busy.copy();
  EXPECT_CODE(507015, aclrtSynchronizeStream(busy.stream));
  EXPECT_CODE(507015, aclrtSynchronizeStream(busy.stream));
  EXPECT_CODE(507015, aclrtMemsetAsync(busy.device, 64, 1, 64, busy.stream));
  aclrtStream other;
  EXPECT_OK(aclrtCreateStream(&other));
  EXPECT_OK(aclrtMemsetAsync(busy.device, 64, 1, 64, other));
  EXPECT_OK(aclrtSynchronizeStream(other));
  EXPECT_OK(aclrtDestroyStream(busy.stream));
}

RULE("a lost heartbeat takes the whole device until it is reset; memory can be freed") {
  const BusyStream busy("task.copy#1=507010");
  EXPECT_CODE(507010, aclrtSynchronizeStream(busy.stream));
  void *address;
  aclrtStream stream;
  EXPECT_CODE(507010, aclrtMalloc(&address, 64, 0));
  EXPECT_CODE(507010, aclrtCreateStream(&stream));
  EXPECT_OK(aclrtFree(busy.device));
  EXPECT_OK(aclrtDestroyStream(busy.stream));
  EXPECT_OK(aclrtResetDevice(0));
  EXPECT_OK(aclrtSetDevice(0));
  EXPECT_OK(aclrtMalloc(&address, 64, 0));
}

RULE("aclrtSynchronizeDevice waits for all streams") {
  const BusyStream busy("task.copy=delay:100");
  const aclrtEvent event = newEvent();
  EXPECT_OK(aclrtRecordEvent(event, busy.stream));
  EXPECT_OK(aclrtSynchronizeDevice());
  EXPECT(statusOf(event) == ACL_EVENT_RECORDED_STATUS_COMPLETE);
}

RULE("an event is not ready until the work before it is done") {
  const BusyStream busy("task.copy=delay:200");
  const aclrtEvent event = newEvent();
  EXPECT(statusOf(event) == ACL_EVENT_RECORDED_STATUS_NOT_READY);
  EXPECT_OK(aclrtRecordEvent(event, busy.stream));
  EXPECT(statusOf(event) == ACL_EVENT_RECORDED_STATUS_NOT_READY);
  EXPECT_OK(aclrtSynchronizeEvent(event));
  EXPECT(statusOf(event) == ACL_EVENT_RECORDED_STATUS_COMPLETE);
}

RULE("events measure the time between them in milliseconds") {
  BusyStream busy("task.copy#2=delay:50");
  const aclrtEvent first = newEvent();
  const aclrtEvent second = newEvent();
  EXPECT_OK(aclrtRecordEvent(first, busy.stream));
  busy.copy();
  EXPECT_OK(aclrtRecordEvent(second, busy.stream));
  EXPECT_OK(aclrtSynchronizeStream(busy.stream));
  float milliseconds = 0;
  EXPECT_OK(aclrtEventElapsedTime(&milliseconds, first, second));
  EXPECT(milliseconds >= 50);
}

RULE("an event without a record has no time and is not waited for") {
  start();
  const aclrtEvent event = newEvent();
  float milliseconds = 0;
  EXPECT_CODE(107000, aclrtEventElapsedTime(&milliseconds, event, event));
  EXPECT_CODE(107000, aclrtSynchronizeEvent(event));
}

RULE("an event after a failed task of a stream that stops is never complete") {
  BusyStream busy("task.copy#1=delay:50;task.copy#2=507015");
  EXPECT_OK(aclrtSetStreamFailureMode(busy.stream, 1));
  busy.copy();
  const aclrtEvent event = newEvent();
  EXPECT_OK(aclrtRecordEvent(event, busy.stream));
  EXPECT_CODE(507015, aclrtSynchronizeEvent(event));
  EXPECT(statusOf(event) == 0);
}

RULE("an event that was destroyed is refused: 107017") {
  start();
  const aclrtEvent event = newEvent();
  EXPECT_OK(aclrtDestroyEvent(event));
  EXPECT_CODE(107017, aclrtDestroyEvent(event));
  EXPECT_CODE(107017, aclrtSynchronizeEvent(event));
}

RULE("faults strike the use that the plan names") {
  configure("FAULTS", "aclrtMalloc#2=207001;aclrtFree#1=507899");
  start();
  void *first = deviceMemory(64);
  void *second;
  EXPECT_CODE(207001, aclrtMalloc(&second, 64, 0));
  EXPECT_OK(aclrtMalloc(&second, 64, 0));
  // What gives something back does so, whatever it answers.
  EXPECT_CODE(507899, aclrtFree(first));
  EXPECT_CODE(107000, aclrtFree(first));
}

RULE("a crash of the plan is a segmentation fault") {
  configure("FAULTS", "aclrtCreateStream=crash");
  expectCrash([] {
    start();
    aclrtStream stream;
    aclrtCreateStream(&stream);
  });
}

RULE("a newer record of an event is not completed by an older one") {
  configure("FAULTS", "task.copy=delay:100;task.execute=delay:400");
  start();
  const LoadedModel model("static.om");
  aclrtStream older;
  aclrtStream newer;
  EXPECT_OK(aclrtCreateStream(&older));
  EXPECT_OK(aclrtCreateStream(&newer));
  const aclrtEvent event = newEvent();
  EXPECT_OK(aclrtMemsetAsync(deviceMemory(64), 64, 1, 64, older));
  EXPECT_OK(aclrtRecordEvent(event, older));
  EXPECT_OK(aclmdlExecuteAsync(model.id, model.input, model.output, newer));
  EXPECT_OK(aclrtRecordEvent(event, newer));
  EXPECT_OK(aclrtSynchronizeStream(older));
  EXPECT(statusOf(event) == ACL_EVENT_RECORDED_STATUS_NOT_READY);
  EXPECT_OK(aclrtSynchronizeEvent(event));
  EXPECT_OK(aclrtSynchronizeStreamWithTimeout(newer, 0));
}

RULE("a device fault that a call answers takes the device as well") {
  configure("FAULTS", "aclrtMalloc=507010");
  start();
  void *address;
  aclrtStream stream;
  EXPECT_CODE(507010, aclrtMalloc(&address, 64, 0));
  EXPECT_CODE(507010, aclrtCreateStream(&stream));
  EXPECT_OK(aclrtResetDevice(0));
  EXPECT_OK(aclrtSetDevice(0));
  EXPECT_OK(aclrtCreateStream(&stream));
}

RULE("errors of device memory take the device, too: 507053, 507054") {
  configure("FAULTS", "task.copy#1=507053;task.copy#2=507054");
  EXPECT_OK(aclInit(nullptr));
  for (const aclError fault : {507053, 507054}) {
    EXPECT_OK(aclrtSetDevice(0));
    void *address = deviceMemory(64);
    aclrtStream stream;
    EXPECT_OK(aclrtCreateStream(&stream));
    EXPECT_OK(aclrtMemsetAsync(address, 64, 1, 64, stream));
    EXPECT_CODE(fault, aclrtSynchronizeStream(stream));
    EXPECT_CODE(fault, aclrtMalloc(&address, 64, 0));
    EXPECT_OK(aclrtResetDevice(0));
  }
}
