// Devices and contexts.
#include "answer.h"
#include "contexts.h"
#include "error-codes.h"
#include "streams.h"

using namespace simulator;

aclError aclrtGetDeviceCount(std::uint32_t *count) {
  return answer("aclrtGetDeviceCount", [&] {
    requireArgument(count, "count");
    prepareMachine();
    *count = deviceCount();
  });
}

aclError aclrtSetDevice(std::int32_t device) {
  return answer("aclrtSetDevice", [&] {
    strikeOnDevice("aclrtSetDevice", device);
    setDevice(device);
  });
}

aclError aclrtGetDevice(std::int32_t *device) {
  return answer("aclrtGetDevice", [&] {
    requireArgument(device, "deviceId");
    *device = currentContext()->device->number;
  });
}

aclError aclrtResetDevice(std::int32_t device) {
  return answerRelease("aclrtResetDevice", [&] { resetDevice(device, false); });
}

aclError aclrtResetDeviceForce(std::int32_t device) {
  return answerRelease("aclrtResetDeviceForce", [&] { resetDevice(device, true); });
}

aclError aclrtGetRunMode(aclrtRunMode *mode) {
  return answer("aclrtGetRunMode", [&] {
    requireArgument(mode, "runMode");
    currentContext();
    *mode = ACL_HOST;
  });
}

aclError aclrtCreateContext(aclrtContext *context, std::int32_t device) {
  return answer("aclrtCreateContext", [&] {
    requireArgument(context, "context");
    *context = createContext(device);
  });
}

aclError aclrtDestroyContext(aclrtContext context) {
  return answerRelease("aclrtDestroyContext", [&] {
    requireArgument(context, "context");
    destroyContext(context);
  });
}

aclError aclrtSetCurrentContext(aclrtContext context) {
  return answer("aclrtSetCurrentContext", [&] {
    requireArgument(context, "context");
    setCurrentContext(context);
  });
}

aclError aclrtGetCurrentContext(aclrtContext *context) {
  return answer("aclrtGetCurrentContext", [&] {
    requireArgument(context, "context");
    *context = currentContextHandle();
  });
}

aclError aclrtSetOpExecuteTimeOut(std::uint32_t seconds) {
  return answer("aclrtSetOpExecuteTimeOut", [&] {
    currentContext();
    setExecutionTimeout(seconds);
  });
}

aclError aclrtGetDeviceUtilizationRate(std::int32_t device, aclrtUtilizationInfo *info) {
  return answer("aclrtGetDeviceUtilizationRate", [&] {
    requireArgument(info, "utilizationInfo");
    if (info->utilizationExtend != nullptr) {
      throw Refusal(code::invalidParameter, "utilizationExtend must be NULL.");
    }
    const auto used = findDevice(device);
    const auto span = used->record.span().count();
    const auto cube = span == 0 ? 0 : used->record.busy().count() * 100 / span;
    const auto memory = used->memory.usedBytes() * 100 / used->memory.capacity();
    *info = {static_cast<std::int32_t>(cube), static_cast<std::int32_t>(cube), 0, static_cast<std::int32_t>(memory),
             nullptr};
  });
}
