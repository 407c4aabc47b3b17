#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "rule.h"

using namespace rules;

namespace {

aclDataBuffer *bufferOf(aclmdlDataset *dataset, std::size_t index = 0) {
  return aclmdlGetDatasetBuffer(dataset, index);
}

void resize(aclmdlDataset *dataset, std::size_t size) {
  aclDataBuffer *buffer = bufferOf(dataset);
  EXPECT_OK(aclUpdateDataBuffer(buffer, aclGetDataBufferAddr(buffer), size));
}

std::vector<float> outputOf(const LoadedModel &model) {
  aclDataBuffer *buffer = bufferOf(model.output);
  std::vector<float> values(aclGetDataBufferSizeV2(buffer) / sizeof(float));
  const std::size_t size = values.size() * sizeof(float);
  EXPECT_OK(aclrtMemcpy(values.data(), size, aclGetDataBufferAddr(buffer), size, ACL_MEMCPY_DEVICE_TO_HOST));
  return values;
}

aclrtStream newStream() {
  aclrtStream stream;
  EXPECT_OK(aclrtCreateStream(&stream));
  return stream;
}

}  // namespace

RULE("NULL data sets and buffers answer 100000") {
  start();
  const LoadedModel model("static.om");
  EXPECT_CODE(100000, aclmdlExecute(model.id, nullptr, model.output));
  EXPECT_CODE(100000, aclmdlExecute(model.id, model.input, nullptr));
  EXPECT_CODE(100000, aclmdlAddDatasetBuffer(model.input, nullptr));
  EXPECT_CODE(100000, aclmdlDestroyDataset(nullptr));
  EXPECT_CODE(100000, aclDestroyDataBuffer(nullptr));
}

RULE("too few inputs, or another number of outputs, answer 500002") {
  start();
  const LoadedModel model("static.om");
  aclmdlDataset *empty = datasetOf({});
  aclmdlDataset *two = datasetOf({bufferOf(model.output), bufferOf(model.output)});
  EXPECT_CODE(500002, aclmdlExecute(model.id, empty, model.output));
  EXPECT_CODE(500002, aclmdlExecute(model.id, model.input, empty));
  EXPECT_CODE(500002, aclmdlExecute(model.id, model.input, two));
}

RULE("buffers of a static model that are more than 64 bytes too small answer 500002") {
  start();
  const LoadedModel model("static.om");
  const std::size_t size = aclmdlGetInputSizeByIndex(model.description, 0);
  resize(model.input, size - 65);
  EXPECT_CODE(500002, aclmdlExecute(model.id, model.input, model.output));
  resize(model.input, size - 64);
  EXPECT_OK(aclmdlExecute(model.id, model.input, model.output));
  resize(model.output, 1 << 20);
  EXPECT_OK(aclmdlExecute(model.id, model.input, model.output));
  resize(model.output, 8);
  EXPECT_CODE(500002, aclmdlExecuteAsync(model.id, model.input, model.output, newStream()));
}

RULE("host memory in a data set is a device fault: 507015") {
  start();
  const LoadedModel model("static.om");
  std::vector<char> host(aclmdlGetInputSizeByIndex(model.description, 0));
  EXPECT_OK(aclUpdateDataBuffer(bufferOf(model.input), host.data(), host.size()));
  const aclrtStream stream = newStream();
  EXPECT_OK(aclmdlExecuteAsync(model.id, model.input, model.output, stream));
  EXPECT_CODE(507015, aclrtSynchronizeStream(stream));
}

RULE("device memory that is smaller than its buffer says is a device fault: 507015") {
  start();
  const LoadedModel model("static.om");
  EXPECT_OK(aclUpdateDataBuffer(bufferOf(model.output), deviceMemory(64), 1 << 20));
  EXPECT_CODE(507015, aclmdlExecute(model.id, model.input, model.output));
}

RULE("an output without an address is allocated by a synchronous execution, and is the caller's to free") {
  start();
  const LoadedModel model("static.om");
  aclDataBuffer *buffer = bufferOf(model.output);
  EXPECT_OK(aclUpdateDataBuffer(buffer, nullptr, 0));
  EXPECT_OK(aclmdlExecute(model.id, model.input, model.output));
  EXPECT(aclGetDataBufferAddr(buffer) != nullptr);
  EXPECT(aclGetDataBufferSizeV2(buffer) == aclmdlGetOutputSizeByIndex(model.description, 0));
  EXPECT_OK(aclrtFree(aclGetDataBufferAddr(buffer)));
}

RULE("data sets do not own their buffers, nor buffers their memory") {
  start();
  const LoadedModel model("static.om");
  aclDataBuffer *buffer = bufferOf(model.output);
  void *address = aclGetDataBufferAddr(buffer);
  EXPECT_OK(aclmdlDestroyDataset(model.output));
  EXPECT(aclGetDataBufferAddr(buffer) == address);
  EXPECT_OK(aclDestroyDataBuffer(buffer));
  EXPECT_OK(aclrtFree(address));
  EXPECT_CODE(100000, aclmdlDestroyDataset(model.output));
  EXPECT_CODE(100000, aclDestroyDataBuffer(buffer));
}

RULE("an asynchronous execution completes later, whatever becomes of its data sets") {
  configure("FAULTS", "task.execute=delay:200");
  start();
  const LoadedModel model("static.om");
  aclDataBuffer *buffer = bufferOf(model.output);
  void *address = aclGetDataBufferAddr(buffer);
  const std::size_t size = aclGetDataBufferSizeV2(buffer);
  EXPECT_OK(aclrtMemset(address, size, 0, size));
  const aclrtStream stream = newStream();
  EXPECT_OK(aclmdlExecuteAsync(model.id, model.input, model.output, stream));
  for (const float value : outputOf(model)) EXPECT(value == 0);
  EXPECT_OK(aclmdlDestroyDataset(model.output));
  EXPECT_OK(aclrtSynchronizeStream(stream));
  float first = 0;
  EXPECT_OK(aclrtMemcpy(&first, sizeof first, address, sizeof first, ACL_MEMCPY_DEVICE_TO_HOST));
  EXPECT(first != 0);
}

RULE("one model does not execute on two streams at once: 500002") {
  configure("FAULTS", "task.execute#1=delay:200");
  start();
  const LoadedModel model("static.om");
  const aclrtStream first = newStream();
  const aclrtStream second = newStream();
  EXPECT_OK(aclmdlExecuteAsync(model.id, model.input, model.output, first));
  EXPECT_CODE(500002, aclmdlExecuteAsync(model.id, model.input, model.output, second));
  EXPECT_CODE(500002, aclmdlExecute(model.id, model.input, model.output));
  EXPECT_OK(aclmdlExecuteAsync(model.id, model.input, model.output, first));
  EXPECT_CODE(545009, aclmdlUnload(model.id));
  EXPECT_OK(aclrtSynchronizeStream(first));
  EXPECT_OK(aclmdlExecuteAsync(model.id, model.input, model.output, second));
  EXPECT_OK(aclrtSynchronizeStream(second));
}

RULE("a device computes one thing at a time; copies go on meanwhile") {
  configure("FAULTS", "task.execute#1=delay:200;task.execute#2=delay:200");
  start();
  const LoadedModel first("static.om");
  const LoadedModel second("static.om");
  const aclrtStream firstStream = newStream();
  const aclrtStream secondStream = newStream();
  const aclrtStream copyStream = newStream();
  aclrtEvent begin;
  aclrtEvent end;
  EXPECT_OK(aclrtCreateEvent(&begin));
  EXPECT_OK(aclrtCreateEvent(&end));
  EXPECT_OK(aclrtRecordEvent(begin, firstStream));
  EXPECT_OK(aclrtSynchronizeEvent(begin));
  EXPECT_OK(aclmdlExecuteAsync(first.id, first.input, first.output, firstStream));
  EXPECT_OK(aclmdlExecuteAsync(second.id, second.input, second.output, secondStream));
  EXPECT_OK(aclrtMemsetAsync(deviceMemory(64), 64, 0, 64, copyStream));
  EXPECT_OK(aclrtSynchronizeStream(copyStream));
  // The second execution may be the first to get the device: one of the two has not ended.
  const bool hasFirstEnded = aclrtSynchronizeStreamWithTimeout(firstStream, 0) == 0;
  const bool hasSecondEnded = aclrtSynchronizeStreamWithTimeout(secondStream, 0) == 0;
  EXPECT(!hasFirstEnded || !hasSecondEnded);
  EXPECT_OK(aclrtSynchronizeStream(firstStream));
  EXPECT_OK(aclrtSynchronizeStream(secondStream));
  EXPECT_OK(aclrtRecordEvent(end, secondStream));
  EXPECT_OK(aclrtSynchronizeEvent(end));
  float milliseconds = 0;
  EXPECT_OK(aclrtEventElapsedTime(&milliseconds, begin, end));
  EXPECT(milliseconds >= 400);
}

RULE("an execution takes at least as long as the latency model says") {
  configure("IMAGE_MILLISECONDS", "20");
  start();
  const LoadedModel model("static.om");
  const aclrtStream stream = newStream();
  aclrtEvent begin;
  aclrtEvent end;
  EXPECT_OK(aclrtCreateEvent(&begin));
  EXPECT_OK(aclrtCreateEvent(&end));
  EXPECT_OK(aclrtRecordEvent(begin, stream));
  EXPECT_OK(aclmdlExecuteAsync(model.id, model.input, model.output, stream));
  EXPECT_OK(aclrtRecordEvent(end, stream));
  EXPECT_OK(aclrtSynchronizeStream(stream));
  float milliseconds = 0;
  EXPECT_OK(aclrtEventElapsedTime(&milliseconds, begin, end));
  EXPECT(milliseconds >= 4 * 20);
}

RULE("a task that hangs longer than aclrtSetOpExecuteTimeOut allows ends with 507014") {
  configure("FAULTS", "task.execute=hang");
  start();
  EXPECT_OK(aclrtSetOpExecuteTimeOut(1));
  const LoadedModel model("static.om");
  EXPECT_CODE(507014, aclmdlExecute(model.id, model.input, model.output));
}

RULE("aclmdlExecuteV2 executes on the stream that it is given, and waits") {
  start();
  const LoadedModel model("static.om");
  EXPECT_OK(aclmdlExecuteV2(model.id, model.input, model.output, newStream(), nullptr));
  EXPECT(outputOf(model).front() != 0);
}

RULE("what a device executed is counted on through a second aclInit") {
  configure("COUNTERS", prepared("."));
  for (int round = 0; round < 2; ++round) {
    start();
    const LoadedModel model("static.om");
    EXPECT_OK(aclmdlExecute(model.id, model.input, model.output));
    EXPECT_OK(aclmdlUnload(model.id));
    EXPECT_OK(aclrtResetDevice(0));
    EXPECT_OK(aclFinalize());
  }
  EXPECT(ownCounters().find("\nexecutions 2\n") != std::string::npos);
}

RULE("a process that exits while a device computes does not crash") {
  start();
  const LoadedModel model("static.om");
  const aclrtStream stream = newStream();
  for (int execution = 0; execution < 100; ++execution) {
    EXPECT_OK(aclmdlExecuteAsync(model.id, model.input, model.output, stream));
  }
  std::exit(0);
}

RULE("an asynchronous execution does not allocate outputs that have no address: 507015") {
  start();
  const LoadedModel model("static.om");
  aclDataBuffer *buffer = bufferOf(model.output);
  EXPECT_OK(aclUpdateDataBuffer(buffer, nullptr, aclGetDataBufferSizeV2(buffer)));
  const aclrtStream stream = newStream();
  EXPECT_OK(aclmdlExecuteAsync(model.id, model.input, model.output, stream));
  EXPECT_CODE(507015, aclrtSynchronizeStream(stream));
  EXPECT(aclGetDataBufferAddr(buffer) == nullptr);
}

namespace {

/** One execution hangs, and another waits for the device on a stream of its own. */
struct HeldDevice {
  HeldDevice() : hanging("static.om"), waiting("static.om") {
    EXPECT_OK(aclmdlExecuteAsync(hanging.id, hanging.input, hanging.output, hangingStream));
    EXPECT_CODE(507046, aclrtSynchronizeStreamWithTimeout(hangingStream, 50));
    EXPECT_OK(aclmdlExecuteAsync(waiting.id, waiting.input, waiting.output, waitingStream));
    EXPECT_CODE(507046, aclrtSynchronizeStreamWithTimeout(waitingStream, 50));
  }

  // The stream that waits comes first: who ends one stream after the other meets it first.
  const aclrtStream waitingStream = newStream();
  const aclrtStream hangingStream = newStream();
  const LoadedModel hanging;
  const LoadedModel waiting;
};

}  // namespace

RULE("aclrtResetDevice ends a stream that hangs and one that waits for the device that the other holds") {
  configure("FAULTS", "task.execute#1=hang");
  start();
  const HeldDevice held;
  EXPECT_OK(aclrtResetDevice(0));
  EXPECT_OK(aclrtSetDevice(0));
  const LoadedModel model("static.om");
  EXPECT_OK(aclmdlExecute(model.id, model.input, model.output));
}

RULE("aclFinalize ends them, too") {
  configure("FAULTS", "task.execute#1=hang");
  start();
  const HeldDevice held;
  EXPECT_OK(aclFinalize());
  start();
  const LoadedModel model("static.om");
  EXPECT_OK(aclmdlExecute(model.id, model.input, model.output));
}

RULE("aclrtResetDevice drops what no stream has begun, also while it waits for the task of one") {
  configure("FAULTS", "task.copy=delay:600;task.execute#*=delay:100");
  configure("COUNTERS", prepared("."));
  start();
  const aclrtStream copying = newStream();
  const aclrtStream executing = newStream();
  const LoadedModel model("static.om");
  EXPECT_OK(aclrtMemsetAsync(deviceMemory(64), 64, 1, 64, copying));
  for (int execution = 0; execution < 3; ++execution) {
    EXPECT_OK(aclmdlExecuteAsync(model.id, model.input, model.output, executing));
  }
  EXPECT_OK(aclrtResetDevice(0));
  EXPECT_OK(aclFinalize());
  EXPECT(ownCounters().find("\nexecutions 3\n") == std::string::npos);
}

RULE("aclrtDestroyStreamForce ends a stream that waits for the device; the one that hangs goes on, until it is destroyed") {
  configure("FAULTS", "task.execute#1=hang");
  start();
  const HeldDevice held;
  EXPECT_OK(aclrtDestroyStreamForce(held.waitingStream));
  EXPECT_OK(aclmdlUnload(held.waiting.id));
  EXPECT_CODE(507046, aclrtSynchronizeStreamWithTimeout(held.hangingStream, 10));
  EXPECT_OK(aclrtDestroyStreamForce(held.hangingStream));
  EXPECT_OK(aclmdlExecute(held.hanging.id, held.hanging.input, held.hanging.output));
}

RULE("who waits for a task learns that it was dropped with its stream: 107022") {
  configure("FAULTS", "task.copy#1=delay:200");
  start();
  const aclrtStream stream = newStream();
  void *address = deviceMemory(64);
  EXPECT_OK(aclrtMemsetAsync(address, 64, 1, 64, stream));
  EXPECT_OK(aclrtMemsetAsync(address, 64, 2, 64, stream));
  aclrtContext context;
  EXPECT_OK(aclrtGetCurrentContext(&context));
  aclError waited = -1;
  std::thread waiter([&] {
    EXPECT_OK(aclrtSetCurrentContext(context));
    waited = aclrtSynchronizeStream(stream);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_OK(aclrtDestroyStreamForce(stream));
  waiter.join();
  EXPECT(waited == 107022);
}
