#include "contexts.h"

#include <atomic>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

#include "answer.h"
#include "error-codes.h"
#include "faults.h"
#include "handle-table.h"
#include "settings.h"
#include "streams.h"

namespace simulator {

namespace {

struct DeviceUse {
  std::uint64_t references = 0;
  void *defaultContext = nullptr;
};

/** Everything that exists once in a process. Never freed: threads of the library may outlive static objects. */
struct Machine {
  std::mutex mutex;
  /** Of aclInit. Written under the mutex, read without. */
  std::atomic<std::uint64_t> references{0};
  bool hasConfiguration = false;
  std::string configuration;
  std::vector<std::shared_ptr<Device>> devices;
  /** Of earlier settings, whose memory was not given back: it stays counted. */
  std::vector<std::shared_ptr<Device>> formerDevices;
  std::map<std::int32_t, DeviceUse> uses;
  HandleTable<Context> contexts;
};

Machine &machine() {
  static Machine &instance = *new Machine;
  return instance;
}

thread_local void *boundContext = nullptr;

/** @throws Refusal 100003 for a file that cannot be read, 100006 for one that holds no JSON object */
std::string readConfiguration(const char *path) {
  std::ifstream file(path);
  if (!file) throw Refusal(code::invalidFile, std::string("The configuration ") + path + " cannot be read.");
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  if (first != std::string::npos && (text[first] != '{' || text[last] != '}')) {
    throw Refusal(code::parseFile, std::string("The configuration ") + path + " is no JSON object.");
  }
  return text;
}

/** Devices stay as long as the settings give the same ones: what they executed is counted on. */
bool areDevicesAsSet() {
  const auto &devices = machine().devices;
  if (devices.size() != settings().devices) return false;
  return devices.empty() || devices.front()->memory.capacity() == settings().memoryBytes;
}

void makeDevices() {
  if (areDevicesAsSet()) return;
  for (auto &device : machine().devices) {
    if (device->memory.usedBytes() > 0) machine().formerDevices.push_back(std::move(device));
  }
  machine().devices.clear();
  for (std::uint32_t number = 0; number < settings().devices; ++number) {
    machine().devices.push_back(std::make_shared<Device>(static_cast<std::int32_t>(number), settings().memoryBytes));
  }
}

void begin() {
  try {
    readSettings();
    planFaults(settings().faults);
  } catch (const std::invalid_argument &mistake) {
    throw Refusal(code::internalError, mistake.what());
  }
  makeDevices();
}

/** Gives the default context, empty where there is none. Its streams are to be ended when the machine is unlocked: that
 * may take as long as a task. */
std::shared_ptr<Context> takeDefaultContext(DeviceUse &use) {
  return machine().contexts.remove(std::exchange(use.defaultContext, nullptr));
}

/** Default contexts end with the library; what they held stays counted. Gives them, as `takeDefaultContext` does. */
std::vector<std::shared_ptr<Context>> end() {
  machine().references = 0;
  machine().hasConfiguration = false;
  std::vector<std::shared_ptr<Context>> ended;
  for (auto &[number, use] : machine().uses) {
    if (auto context = takeDefaultContext(use)) ended.push_back(std::move(context));
  }
  return ended;
}

/** Gives one reference back, or all of them. @throws Refusal 100037 where there are none */
std::uint64_t giveBackReferences(bool areAll) {
  std::vector<std::shared_ptr<Context>> ended;
  std::uint64_t left;
  {
    const std::lock_guard lock(machine().mutex);
    if (machine().references == 0) throw Refusal(code::repeatFinalize, "aclFinalize was called before.");
    left = areAll ? 0 : machine().references - 1;
    machine().references = left;
    if (left == 0) ended = end();
  }
  for (const auto &context : ended) forceDestroyStreams(context);
  return left;
}

void requireInitialized() {
  if (machine().references == 0) throw Refusal(code::uninitialized, "aclInit was not called.");
}

}  // namespace

void initialize(const char *configurationPath) {
  const bool isConfigured = configurationPath != nullptr && *configurationPath != '\0';
  const std::string configuration = isConfigured ? readConfiguration(configurationPath) : "";
  const std::lock_guard lock(machine().mutex);
  if (machine().references > 0) {
    if (isConfigured && machine().hasConfiguration && machine().configuration != configuration) {
      throw Refusal(code::invalidParameter, "aclInit was called before, with another configuration.");
    }
    machine().references += 1;
    throw Refusal(code::repeatInitialize, "aclInit was called before; the call is counted.");
  }
  if (settings().soc == "none") throw Refusal(code::internalError, "There is no driver: no SoC name is known.");
  machine().hasConfiguration = isConfigured;
  machine().configuration = configuration;
  machine().references = 1;
}

void finalize() { giveBackReferences(true); }

std::uint64_t finalizeReference() { return giveBackReferences(false); }

std::uint64_t initialisations() { return machine().references; }

void prepareMachine() {
  const std::lock_guard lock(machine().mutex);
  if (machine().references == 0) begin();
}

std::shared_ptr<Device> findDevice(std::int32_t number) {
  const std::lock_guard lock(machine().mutex);
  if (number < 0 || static_cast<std::size_t>(number) >= machine().devices.size()) {
    throw Refusal(code::rtInvalidDeviceId, "There is no device " + std::to_string(number) + ": there are " +
                                               std::to_string(machine().devices.size()) + ".");
  }
  return machine().devices[static_cast<std::size_t>(number)];
}

std::uint32_t deviceCount() {
  const std::lock_guard lock(machine().mutex);
  return static_cast<std::uint32_t>(machine().devices.size());
}

std::vector<std::shared_ptr<Device>> allDevices() {
  const std::lock_guard lock(machine().mutex);
  std::vector<std::shared_ptr<Device>> all = machine().devices;
  all.insert(all.end(), machine().formerDevices.begin(), machine().formerDevices.end());
  return all;
}

std::uint64_t openDevices() {
  const std::lock_guard lock(machine().mutex);
  std::uint64_t count = 0;
  for (const auto &[number, use] : machine().uses) count += use.references;
  return count;
}

void setDevice(std::int32_t number) {
  const std::shared_ptr<Device> device = findDevice(number);
  const std::lock_guard lock(machine().mutex);
  requireInitialized();
  DeviceUse &use = machine().uses[number];
  if (use.defaultContext == nullptr) {
    use.defaultContext = machine().contexts.add(std::make_shared<Context>(device, true));
  }
  use.references += 1;
  boundContext = use.defaultContext;
}

void resetDevice(std::int32_t number, bool isForced) {
  const std::shared_ptr<Device> device = findDevice(number);
  std::shared_ptr<Context> context;
  {
    const std::lock_guard lock(machine().mutex);
    DeviceUse &use = machine().uses[number];
    if (use.references == 0) {
      throw Refusal(code::rtContextNull, "Device " + std::to_string(number) + " is not set.");
    }
    use.references = isForced ? 0 : use.references - 1;
    if (use.references > 0) return;
    context = takeDefaultContext(use);
  }
  if (context) forceDestroyStreams(context);
  device->fault = code::success;
}

void *createContext(std::int32_t number) {
  const std::shared_ptr<Device> device = findDevice(number);
  const std::lock_guard lock(machine().mutex);
  requireInitialized();
  boundContext = machine().contexts.add(std::make_shared<Context>(device, false));
  return boundContext;
}

void destroyContext(const void *handle) {
  const auto context = machine().contexts.find(handle);
  if (!context) throw Refusal(code::rtContextNull, "This is not a living context.");
  if (context->isDefault) {
    throw Refusal(code::rtParameterInvalid, "The default context of a device ends with aclrtResetDevice.");
  }
  machine().contexts.remove(handle);
  forceDestroyStreams(context);
}

void setCurrentContext(void *handle) {
  if (!machine().contexts.find(handle)) throw Refusal(code::rtContextNull, "This is not a living context.");
  boundContext = handle;
}

void *currentContextHandle() {
  currentContext();
  return boundContext;
}

std::shared_ptr<Context> currentContext() {
  requireInitialized();
  auto context = machine().contexts.find(boundContext);
  if (!context) {
    throw Refusal(code::rtContextNull, boundContext == nullptr
                                           ? "The calling thread is bound to no context."
                                           : "The context that the calling thread is bound to has ended.");
  }
  return context;
}

std::shared_ptr<Context> workingContext() {
  auto context = currentContext();
  const aclError fault = context->device->fault;
  if (fault != code::success) throw Refusal(fault, "The device is lost until it is reset.");
  return context;
}

std::uint64_t openContexts() {
  std::uint64_t count = 0;
  for (const auto &[handle, context] : machine().contexts.all()) count += context->isDefault ? 0 : 1;
  return count;
}

void noteDeviceFault(aclError error) {
  if (!isDeviceFault(error)) return;
  if (const auto context = machine().contexts.find(boundContext)) context->device->fault = error;
}

}  // namespace simulator
