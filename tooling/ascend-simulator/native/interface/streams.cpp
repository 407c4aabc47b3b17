// Streams and events.
#include "streams.h"

#include "answer.h"
#include "error-codes.h"
#include "events.h"

using namespace simulator;

aclError aclrtCreateStream(aclrtStream *stream) {
  return answer("aclrtCreateStream", [&] {
    requireArgument(stream, "stream");
    *stream = createStream();
  });
}

aclError aclrtCreateStreamWithConfig(aclrtStream *stream, std::uint32_t, std::uint32_t) {
  return answer("aclrtCreateStreamWithConfig", [&] {
    requireArgument(stream, "stream");
    *stream = createStream();
  });
}

aclError aclrtDestroyStream(aclrtStream stream) {
  return answerRelease("aclrtDestroyStream", [&] {
    requireArgument(stream, "stream");
    destroyStream(stream, false);
  });
}

aclError aclrtSetStreamFailureMode(aclrtStream stream, std::uint64_t mode) {
  return answer("aclrtSetStreamFailureMode", [&] { setStreamFailureMode(stream, mode); });
}

aclError aclrtDestroyStreamForce(aclrtStream stream) {
  return answerRelease("aclrtDestroyStreamForce", [&] {
    requireArgument(stream, "stream");
    destroyStream(stream, true);
  });
}

aclError aclrtSynchronizeStream(aclrtStream stream) {
  return answer("aclrtSynchronizeStream", [&] { findStream(stream)->wait(); });
}

aclError aclrtSynchronizeStreamWithTimeout(aclrtStream stream, std::int32_t milliseconds) {
  return answer("aclrtSynchronizeStreamWithTimeout", [&] {
    constexpr std::int32_t forever = -1;
    if (milliseconds < forever) throw Refusal(code::rtParameterInvalid, "The timeout is less than -1.");
    if (milliseconds == forever) {
      findStream(stream)->wait();
    } else {
      findStream(stream)->wait(std::chrono::milliseconds(milliseconds));
    }
  });
}

aclError aclrtSynchronizeDevice() {
  return answer("aclrtSynchronizeDevice", [] { synchronizeDevice(); });
}

aclError aclrtCreateEvent(aclrtEvent *event) {
  return answer("aclrtCreateEvent", [&] {
    requireArgument(event, "event");
    *event = createEvent();
  });
}

aclError aclrtDestroyEvent(aclrtEvent event) {
  return answerRelease("aclrtDestroyEvent", [&] {
    requireArgument(event, "event");
    destroyEvent(event);
  });
}

aclError aclrtRecordEvent(aclrtEvent event, aclrtStream stream) {
  return answer("aclrtRecordEvent", [&] {
    requireArgument(event, "event");
    recordEvent(event, stream);
  });
}

aclError aclrtQueryEventStatus(aclrtEvent event, aclrtEventRecordedStatus *status) {
  return answer("aclrtQueryEventStatus", [&] {
    requireArgument(event, "event");
    requireArgument(status, "status");
    *status = isComplete(event) ? ACL_EVENT_RECORDED_STATUS_COMPLETE : ACL_EVENT_RECORDED_STATUS_NOT_READY;
  });
}

aclError aclrtSynchronizeEvent(aclrtEvent event) {
  return answer("aclrtSynchronizeEvent", [&] {
    requireArgument(event, "event");
    synchronizeEvent(event);
  });
}

aclError aclrtEventElapsedTime(float *milliseconds, aclrtEvent start, aclrtEvent end) {
  return answer("aclrtEventElapsedTime", [&] {
    requireArgument(milliseconds, "ms");
    requireArgument(start, "startEvent");
    requireArgument(end, "endEvent");
    *milliseconds = elapsedMilliseconds(start, end);
  });
}
