#include "answer.h"

#include <unistd.h>

#include <string>
#include <thread>

#include "contexts.h"
#include "error-codes.h"
#include "faults.h"
#include "settings.h"

namespace simulator {

namespace {

thread_local std::string recentMessage;
thread_local std::string takenMessage;
thread_local bool hasRecentMessage = false;
thread_local aclError recentCode = code::success;

/** The prefixes that the layers of CANN give their messages: AscendCL, the runtime, the graph engine. */
const char *messagePrefix(aclError code) {
  if (code == code::geFailure) return "E19999: ";
  switch (code / 1000) {
    case 107:
    case 207:
    case 507: return "EE9999: ";
    case 145:
    case 245:
    case 545: return "E19999: ";
    default: return "EH9999: ";
  }
}

aclError refuse(const char *function, aclError code, const std::string &message) {
  recentMessage = messagePrefix(code) + std::string(function) + ": " + message;
  hasRecentMessage = true;
  recentCode = code;
  return code;
}

/** @throws Refusal with the code of the fault */
void strike(const std::string &place) {
  const auto fault = nextFault(place);
  if (!fault) return;
  switch (fault->kind) {
    case Fault::Kind::delay: std::this_thread::sleep_for(fault->delay); return;
    case Fault::Kind::hang:
      for (;;) pause();
    case Fault::Kind::crash: crash();
    case Fault::Kind::code:
      if (fault->code == code::success) return;
      noteDeviceFault(fault->code);
      throw Refusal(fault->code, "A fault that the test asked for.");
  }
}

aclError guarded(const char *function, const std::function<void()> &call) {
  try {
    if (settings().isStubLibrary) {
      throw Refusal(code::compilingStubMode, "This is a library to link with. The one to run with lies in lib64.");
    }
    call();
    return code::success;
  } catch (const Refusal &refusal) {
    return refuse(function, refusal.code, refusal.what());
  } catch (const std::exception &failure) {
    return refuse(function, code::internalError, failure.what());
  }
}

}  // namespace

aclError answer(const char *function, const std::function<void()> &call) {
  return guarded(function, [&] {
    strike(function);
    call();
  });
}

void strikeOnDevice(const char *function, int device) {
  strike(std::string(function) + "@" + std::to_string(device));
}

aclError answerRelease(const char *function, const std::function<void()> &call) {
  return guarded(function, [&] {
    call();
    strike(function);
  });
}

void requireArgument(const void *pointer, const char *name) {
  if (pointer == nullptr) throw Refusal(code::invalidParameter, std::string(name) + " is NULL.");
}

const char *takeRecentMessage() {
  if (!hasRecentMessage) return nullptr;
  hasRecentMessage = false;
  takenMessage.swap(recentMessage);
  return takenMessage.c_str();
}

aclError lastError() { return recentCode; }

void forgetLastError() { recentCode = code::success; }

}  // namespace simulator
