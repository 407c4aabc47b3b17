#include "device.h"

#include <cstring>
#include <thread>

#include "error-codes.h"
#include "settings.h"

namespace simulator {

void BusLane::copy(void *destination, const void *source, std::size_t count) {
  const double gigabytesPerSecond = settings().busGigabytesPerSecond;
  if (gigabytesPerSecond == 0) {
    std::memcpy(destination, source, count);
    return;
  }
  const std::lock_guard lock(mutex);
  const auto end = Clock::now() +
                   std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(count) / gigabytesPerSecond));
  std::memcpy(destination, source, count);
  std::this_thread::sleep_until(end);
}

bool ComputingUnits::take(const std::atomic<bool> &isGivenUp) {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return isGivenUp || !areTaken; });
  if (isGivenUp) return false;
  areTaken = true;
  return true;
}

void ComputingUnits::leave() {
  const std::lock_guard lock(mutex);
  areTaken = false;
  changed.notify_all();
}

void ComputingUnits::noteGivenUp() {
  const std::lock_guard lock(mutex);
  changed.notify_all();
}

void ExecutionRecord::add(Clock::time_point start, Clock::time_point end, std::uint64_t images) {
  const std::lock_guard lock(mutex);
  if (executionCount == 0) first = start;
  last = end;
  executionCount += 1;
  imageCount += images;
  busyTime += end - start;
}

std::uint64_t ExecutionRecord::executions() const {
  const std::lock_guard lock(mutex);
  return executionCount;
}

std::uint64_t ExecutionRecord::images() const {
  const std::lock_guard lock(mutex);
  return imageCount;
}

std::chrono::nanoseconds ExecutionRecord::busy() const {
  const std::lock_guard lock(mutex);
  return busyTime;
}

std::chrono::nanoseconds ExecutionRecord::span() const {
  const std::lock_guard lock(mutex);
  return last - first;
}

bool isDeviceFault(aclError error) {
  return error == code::rtLostHeartbeat || error == code::rtDeviceMemoryError || error == code::rtMultiBitEccError;
}

}  // namespace simulator
