// One simulated NPU.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "ascendcl.h"
#include "device-memory.h"

namespace simulator {

using Clock = std::chrono::steady_clock;

/** One direction of the bus between host and device. Transfers of one direction come one after the other. */
class BusLane {
 public:
  void copy(void *destination, const void *source, std::size_t count);

 private:
  std::mutex mutex;
};

/** What computes: one thing at a time. Copies do not need it. */
class ComputingUnits {
 public:
  /** Waits until they are free. False where the wait was given up: the units are not taken then. */
  bool take(const std::atomic<bool> &isGivenUp);
  void leave();
  /** Makes those who wait see that they are to give up. */
  void noteGivenUp();

 private:
  std::mutex mutex;
  std::condition_variable changed;
  bool areTaken = false;
};

/** What a device executed. */
class ExecutionRecord {
 public:
  void add(Clock::time_point start, Clock::time_point end, std::uint64_t images);
  std::uint64_t executions() const;
  std::uint64_t images() const;
  std::chrono::nanoseconds busy() const;
  /** From the begin of the first to the end of the last execution. */
  std::chrono::nanoseconds span() const;

 private:
  mutable std::mutex mutex;
  std::uint64_t executionCount = 0;
  std::uint64_t imageCount = 0;
  std::chrono::nanoseconds busyTime{0};
  Clock::time_point first;
  Clock::time_point last;
};

struct Device {
  Device(std::int32_t number, std::size_t memoryBytes) : number(number), memory(memoryBytes) {}

  const std::int32_t number;
  DeviceMemory memory;
  ComputingUnits computing;
  BusLane toDevice;
  BusLane fromDevice;
  ExecutionRecord record;
  /** What took the whole device away, such as a lost heartbeat; 0 while it is well. */
  std::atomic<aclError> fault{0};
};

/** Whether an error is one of the device and not of one task. */
bool isDeviceFault(aclError code);

}  // namespace simulator
