#include "events.h"

#include <condition_variable>
#include <memory>
#include <mutex>

#include "answer.h"
#include "error-codes.h"
#include "handle-table.h"
#include "streams.h"

namespace simulator {

namespace {

struct Event {
  enum class State { unrecorded, pending, complete, failed };

  std::mutex mutex;
  std::condition_variable changed;
  State state = State::unrecorded;
  /** How often it was recorded: an older record must not complete a newer one. */
  std::uint64_t records = 0;
  Clock::time_point time;
  aclError failure = 0;
};

HandleTable<Event> &events() {
  static HandleTable<Event> &table = *new HandleTable<Event>;
  return table;
}

std::shared_ptr<Event> find(const void *handle) {
  auto event = events().find(handle);
  if (!event) throw Refusal(code::rtInvalidHandle, "This is not a living event.");
  return event;
}

void settle(Event &event, std::uint64_t record, aclError result) {
  const std::lock_guard lock(event.mutex);
  if (event.records != record) return;
  event.time = Clock::now();
  event.failure = result;
  event.state = result == code::success ? Event::State::complete : Event::State::failed;
  event.changed.notify_all();
}

Clock::time_point timeOf(const void *handle) {
  const auto event = find(handle);
  const std::lock_guard lock(event->mutex);
  // Plausible code: the documents only say that both events must have come to pass.
  if (event->state != Event::State::complete) throw Refusal(code::rtParameterInvalid, "The event has no time yet.");
  return event->time;
}

}  // namespace

void *createEvent() {
  workingContext();
  return events().add(std::make_shared<Event>());
}

void destroyEvent(const void *handle) {
  if (!events().remove(handle)) throw Refusal(code::rtInvalidHandle, "This is not a living event.");
}

void recordEvent(const void *handle, const void *streamHandle) {
  const auto event = find(handle);
  const auto stream = findStream(streamHandle);
  std::uint64_t record;
  {
    const std::lock_guard lock(event->mutex);
    event->state = Event::State::pending;
    record = ++event->records;
  }
  try {
    stream->submit({[](Stream &) {}, [event, record](aclError result) { settle(*event, record, result); }});
  } catch (const Refusal &refusal) {
    settle(*event, record, refusal.code);
    throw;
  }
}

bool isComplete(const void *handle) {
  const auto event = find(handle);
  const std::lock_guard lock(event->mutex);
  // Documented: not complete is also the status of an event that was not executed, after a failure.
  return event->state == Event::State::complete;
}

void synchronizeEvent(const void *handle) {
  workingContext();
  const auto event = find(handle);
  std::unique_lock lock(event->mutex);
  event->changed.wait(lock, [&] { return event->state != Event::State::pending; });
  if (event->state == Event::State::failed) throw Refusal(event->failure, "A task before the event failed.");
  // Plausible code, as above.
  if (event->state == Event::State::unrecorded) throw Refusal(code::rtParameterInvalid, "The event was not recorded.");
}

float elapsedMilliseconds(const void *start, const void *end) {
  return std::chrono::duration<float, std::milli>(timeOf(end) - timeOf(start)).count();
}

std::uint64_t openEvents() { return events().size(); }

}  // namespace simulator
