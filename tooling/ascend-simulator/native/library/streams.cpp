#include "streams.h"

#include <sys/prctl.h>

#include <atomic>
#include <thread>
#include <vector>

#include "answer.h"
#include "error-codes.h"
#include "faults.h"
#include "handle-table.h"

namespace simulator {

namespace {

HandleTable<Stream> &streams() {
  static HandleTable<Stream> &table = *new HandleTable<Stream>;
  return table;
}

std::atomic<std::uint32_t> executionTimeoutSeconds{0};

constexpr int deviceTaskAbort = 107022;

}  // namespace

Stream::Stream(const std::shared_ptr<Context> &context) : device(context->device), context(context) {}

std::shared_ptr<Stream> Stream::create(const std::shared_ptr<Context> &context) {
  std::shared_ptr<Stream> stream(new Stream(context));
  std::thread([stream] { stream->work(); }).detach();
  return stream;
}

std::uint64_t Stream::submit(Task task) {
  const std::lock_guard lock(mutex);
  if (stopsAtFailure || isInterrupted) throwFailure();
  tasks.push_back(std::move(task));
  submitted += 1;
  changed.notify_all();
  return submitted;
}

void Stream::waitFor(std::uint64_t task) {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return done >= task; });
  throwFailure();
}

void Stream::wait(std::optional<std::chrono::milliseconds> timeout) {
  std::unique_lock lock(mutex);
  const auto isIdle = [this, last = submitted] { return done >= last; };
  if (!timeout) {
    changed.wait(lock, isIdle);
  } else if (!changed.wait_for(lock, *timeout, isIdle)) {
    throw Refusal(code::rtStreamSyncTimeout,
                  "The stream still works after " + std::to_string(timeout->count()) + " ms.");
  }
  throwFailure();
}

void Stream::interrupt() {
  std::deque<Task> dropped;
  {
    const std::lock_guard lock(mutex);
    isInterrupted = true;
    dropped.swap(tasks);
    if (!dropped.empty()) fail(deviceTaskAbort, "It was dropped with its stream.");
  }
  changed.notify_all();
  device->computing.noteGivenUp();
  const std::size_t count = dropped.size();
  for (const Task &task : dropped) task.settled(deviceTaskAbort);
  dropped.clear();
  const std::lock_guard lock(mutex);
  done += count;
  changed.notify_all();
}

void Stream::setStopsAtFailure(bool stops) {
  const std::lock_guard lock(mutex);
  stopsAtFailure = stops;
}

void Stream::stop() {
  std::unique_lock lock(mutex);
  isClosing = true;
  changed.notify_all();
  changed.wait(lock, [this] { return hasEnded; });
}

void Stream::work() {
  // The latency model sleeps: by default Linux may wake a thread 50 microseconds late.
  prctl(PR_SET_TIMERSLACK, 1000);
  std::unique_lock lock(mutex);
  for (;;) {
    changed.wait(lock, [this] { return isClosing || !tasks.empty(); });
    if (tasks.empty()) break;
    Task task = std::move(tasks.front());
    tasks.pop_front();
    const aclError earlierFailure = stopsAtFailure || isInterrupted ? failure : code::success;
    lock.unlock();
    finish(std::move(task), earlierFailure);
    lock.lock();
    done += 1;
    changed.notify_all();
  }
  hasEnded = true;
  changed.notify_all();
}

void Stream::finish(Task task, aclError earlierFailure) {
  task.settled(earlierFailure == code::success ? runTask(task) : earlierFailure);
}

aclError Stream::runTask(const Task &task) {
  aclError result = code::internalError;
  std::string reason;
  try {
    task.run(*this);
    return code::success;
  } catch (const Refusal &refusal) {
    result = refusal.code;
    reason = refusal.what();
  } catch (const std::exception &problem) {
    reason = problem.what();
  }
  if (isDeviceFault(result)) device->fault = result;
  const std::lock_guard lock(mutex);
  fail(result, reason);
  return result;
}

void Stream::fail(aclError result, const std::string &reason) {
  if (failure != code::success) return;
  failure = result;
  failureReason = reason;
}

void Stream::strike(const char *place) {
  const auto fault = nextFault(place);
  if (!fault) return;
  switch (fault->kind) {
    case Fault::Kind::delay: std::this_thread::sleep_for(fault->delay); return;
    case Fault::Kind::hang: hang(); return;
    case Fault::Kind::crash: crash();
    case Fault::Kind::code:
      if (fault->code != code::success) throw Refusal(fault->code, "A fault that the test asked for.");
  }
}

/** Until the stream is destroyed by force, or the device gives the task up. */
void Stream::hang() {
  std::unique_lock lock(mutex);
  const auto isOver = [this] { return isInterrupted.load(); };
  const std::chrono::seconds timeout(executionTimeoutSeconds.load());
  if (timeout.count() == 0) {
    changed.wait(lock, isOver);
  } else if (!changed.wait_for(lock, timeout, isOver)) {
    throw Refusal(code::rtAiCoreTimeout, "The task took longer than aclrtSetOpExecuteTimeOut allows.");
  }
  throw Refusal(deviceTaskAbort, "The stream was destroyed while the task ran.");
}

Stream::ComputingTurn::ComputingTurn(Stream &stream) : device(*stream.device) {
  if (device.computing.take(stream.isInterrupted)) return;
  throw Refusal(deviceTaskAbort, "The stream was destroyed while the task waited for the device.");
}

Stream::ComputingTurn::~ComputingTurn() { device.computing.leave(); }

void Stream::throwFailure() const {
  if (failure != code::success) throw Refusal(failure, "A task of the stream failed: " + failureReason);
}

void *createStream() { return streams().add(Stream::create(workingContext())); }

void destroyStream(const void *handle, bool isForced) {
  const auto context = currentContext();
  const auto stream = streams().find(handle);
  if (!stream) throw Refusal(code::rtInvalidHandle, "This is not a living stream.");
  if (!stream->belongsTo(context)) throw Refusal(code::rtStreamContext, "The stream is not of the current context.");
  streams().remove(handle);
  if (isForced) stream->interrupt();
  stream->stop();
}

void setStreamFailureMode(const void *handle, std::uint64_t mode) {
  // Plausible code: the documents say that the default stream has no such mode.
  if (handle == nullptr) throw Refusal(code::rtParameterInvalid, "The default stream has no failure mode.");
  if (mode > 1) throw Refusal(code::rtParameterInvalid, "A stream goes on after a failure (0) or stops (1).");
  findStream(handle)->setStopsAtFailure(mode == 1);
}

std::shared_ptr<Stream> findStream(const void *handle) {
  const auto context = workingContext();
  if (handle == nullptr) {
    const std::lock_guard lock(context->mutex);
    if (!context->defaultStream) context->defaultStream = Stream::create(context);
    return context->defaultStream;
  }
  auto stream = streams().find(handle);
  if (!stream) throw Refusal(code::rtInvalidHandle, "This is not a living stream.");
  if (!stream->belongsTo(context)) throw Refusal(code::rtStreamContext, "The stream is not of the current context.");
  return stream;
}

void synchronizeDevice() {
  const auto context = workingContext();
  findStream(nullptr)->wait();
  for (const auto &[handle, stream] : streams().all()) {
    if (stream->device == context->device) stream->wait();
  }
}

void forceDestroyStreams(const std::shared_ptr<Context> &context) {
  std::vector<std::shared_ptr<Stream>> ending;
  for (const auto &[handle, stream] : streams().all()) {
    if (!stream->belongsTo(context)) continue;
    streams().remove(handle);
    ending.push_back(stream);
  }
  {
    const std::lock_guard lock(context->mutex);
    if (context->defaultStream) ending.push_back(std::move(context->defaultStream));
    context->defaultStream.reset();
  }
  // All of them before any is waited for: none begins another task meanwhile.
  for (const auto &stream : ending) stream->interrupt();
  for (const auto &stream : ending) stream->stop();
}

std::uint64_t openStreams() { return streams().size(); }

void setExecutionTimeout(std::uint32_t seconds) { executionTimeoutSeconds = seconds; }

}  // namespace simulator
