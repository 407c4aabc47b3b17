// Initialisation, devices and thread-bound contexts.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ascendcl.h"
#include "device.h"

namespace simulator {

class Stream;

struct Context {
  Context(std::shared_ptr<Device> device, bool isDefault) : device(std::move(device)), isDefault(isDefault) {}

  const std::shared_ptr<Device> device;
  /** The one of its device that `aclrtSetDevice` binds. */
  const bool isDefault;
  std::mutex mutex;
  /** Made when first needed. */
  std::shared_ptr<Stream> defaultStream;
};

/** Reads the settings and makes the devices, unless the library is in use. @throws Refusal 500000 for settings that
 * cannot be read */
void prepareMachine();
/** Counts a reference. @throws Refusal 100002 from the second on, 100000 where the configuration is another one */
void initialize(const char *configurationPath);
/** Ends all references. @throws Refusal 100037 where there are none */
void finalize();
/** Gives one reference back, and ends with the last. Gives those left. @throws Refusal 100037 where there are none */
std::uint64_t finalizeReference();
std::uint64_t initialisations();

/** @throws Refusal 107001 */
std::shared_ptr<Device> findDevice(std::int32_t number);
std::uint32_t deviceCount();
/** Those of earlier settings that hold memory come last. */
std::vector<std::shared_ptr<Device>> allDevices();
/** References of `setDevice` that were not given back, over all devices. */
std::uint64_t openDevices();

void setDevice(std::int32_t number);
void resetDevice(std::int32_t number, bool isForced);

void *createContext(std::int32_t device);
void destroyContext(const void *handle);
void setCurrentContext(void *handle);
/** The handle of the context that the calling thread is bound to. @throws Refusal 107002 */
void *currentContextHandle();
/** @throws Refusal 107002 where the thread is bound to no living context */
std::shared_ptr<Context> currentContext();
/** The current context of a device that is well. @throws Refusal 107002, or what became of the device */
std::shared_ptr<Context> workingContext();
/** Those made by `createContext`. */
std::uint64_t openContexts();

/** A fault that takes the device of the calling thread away, if it is one of those. */
void noteDeviceFault(aclError code);

}  // namespace simulator
