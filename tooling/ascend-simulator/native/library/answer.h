// How a function of the library answers: the faults of the plan strike it, refusals become codes and messages.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>

#include "ascendcl.h"

namespace simulator {

/** Why a call is refused. Thrown by everything below the C interface. */
class Refusal : public std::runtime_error {
 public:
  Refusal(aclError code, const std::string &message) : std::runtime_error(message), code(code) {}
  const aclError code;
};

/** Runs a call, and gives its code; 0 when nothing was thrown. A fault of the plan strikes instead of the call. */
aclError answer(const char *function, const std::function<void()> &call);

/** Within a call: a fault that the plan has for the call on this device alone, `<function>@<device>`, strikes here. */
void strikeOnDevice(const char *function, int device);

/** For functions that give something back. The call is made whatever the plan says; a fault's code is answered after
 * it. */
aclError answerRelease(const char *function, const std::function<void()> &call);

/** For functions that return no code: the fallback where the call is refused. */
template <typename Value>
Value answerValue(const char *function, Value fallback, const std::function<Value()> &call) {
  Value value = fallback;
  answer(function, [&] { value = call(); });
  return value;
}

/** @throws Refusal 100000 naming the argument, when the pointer is NULL */
void requireArgument(const void *pointer, const char *name);

/** The last message of the calling thread, which forgets it; NULL where there is none. Valid until the next call. */
const char *takeRecentMessage();

/** The last code other than 0 that the calling thread got. */
aclError lastError();
void forgetLastError();

}  // namespace simulator
