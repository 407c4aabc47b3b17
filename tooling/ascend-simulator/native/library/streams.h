// Streams: each is a thread that does tasks one after the other, later than they were given to it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "contexts.h"

namespace simulator {

class Stream;

struct Task {
  /** Does the work in the thread of the stream. @throws Refusal: the task failed, and so did the stream */
  std::function<void(Stream &)> run;
  /** Called in any case when the task is over, with 0 or why it failed or was dropped. */
  std::function<void(aclError)> settled = [](aclError) {};
};

class Stream : public std::enable_shared_from_this<Stream> {
 public:
  static std::shared_ptr<Stream> create(const std::shared_ptr<Context> &context);

  const std::shared_ptr<Device> device;

  bool belongsTo(const std::shared_ptr<Context> &other) const { return context.lock() == other; }

  /** Gives a number to wait for. @throws Refusal with the code of an earlier failure where the stream stops at failures */
  std::uint64_t submit(Task task);
  /** Waits for one task. @throws Refusal when the stream has failed */
  void waitFor(std::uint64_t task);
  /** Waits for all tasks given so far. @throws Refusal when the stream has failed, 507046 when it takes longer */
  void wait(std::optional<std::chrono::milliseconds> timeout = std::nullopt);
  /** Drops the tasks that wait and makes the one that runs give up waiting, for the device or for ever. Does not wait. */
  void interrupt();
  /** Whether a task that fails keeps those behind it from being executed. By default they are. */
  void setStopsAtFailure(bool stops);
  /** Ends the thread after the tasks that are left. */
  void stop();

  /** Called by a task where a fault of the plan may strike it. @throws Refusal */
  void strike(const char *place);

  /** The device computes for a task of this stream as long as this lives. */
  class ComputingTurn {
   public:
    /** Waits for the device. @throws Refusal 107022 when the stream is interrupted meanwhile */
    explicit ComputingTurn(Stream &stream);
    ~ComputingTurn();
    ComputingTurn(const ComputingTurn &) = delete;
    ComputingTurn &operator=(const ComputingTurn &) = delete;

   private:
    Device &device;
  };

 private:
  explicit Stream(const std::shared_ptr<Context> &context);
  void work();
  /** Runs and settles it; what the task holds is free afterwards. */
  void finish(Task task, aclError earlierFailure);
  aclError runTask(const Task &task);
  void hang();
  /** Keeps the first failure. Called with the mutex held. */
  void fail(aclError result, const std::string &reason);
  void throwFailure() const;

  const std::weak_ptr<Context> context;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Task> tasks;
  std::uint64_t submitted = 0;
  std::uint64_t done = 0;
  bool stopsAtFailure = false;
  bool isClosing = false;
  std::atomic<bool> isInterrupted{false};
  bool hasEnded = false;
  aclError failure = 0;
  std::string failureReason;
};

void *createStream();
void destroyStream(const void *handle, bool isForced);
/** @throws Refusal 107000 for a mode other than 0 (go on) and 1 (stop), and for the default stream */
void setStreamFailureMode(const void *handle, std::uint64_t mode);
/** The stream of a handle, the default one of the current context for NULL. @throws Refusal 107017, 107003 for another
 * context's */
std::shared_ptr<Stream> findStream(const void *handle);
void synchronizeDevice();
/** Ends what a context leaves behind, its default stream included. */
void forceDestroyStreams(const std::shared_ptr<Context> &context);
std::uint64_t openStreams();

/** Seconds that an execution may take on the device; 0: any. */
void setExecutionTimeout(std::uint32_t seconds);

}  // namespace simulator
