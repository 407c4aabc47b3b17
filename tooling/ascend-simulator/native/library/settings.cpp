#include "settings.h"

#include <atomic>
#include <stdexcept>

#include "environment.h"

namespace simulator {

namespace {

// Never freed: threads of the library may still read it while the process ends.
std::atomic<const Settings *> current{nullptr};

Rounding roundingOf(const std::string &name) {
  if (name.empty() || name == "none") return Rounding::none;
  if (name == "fp16") return Rounding::float16;
  if (name == "hf32") return Rounding::hf32;
  throw std::invalid_argument("WEBSSL_SIMULATOR_ROUNDING is none, fp16 or hf32, not " + name);
}

Settings fromEnvironment() {
  Settings read;
  read.devices = static_cast<std::uint32_t>(environmentNumber("DEVICES", read.devices));
  if (const std::string soc = environmentValue("SOC"); !soc.empty()) read.soc = soc;
  read.memoryBytes = static_cast<std::size_t>(environmentNumber("MEMORY_BYTES", static_cast<double>(read.memoryBytes)));
  read.rounding = roundingOf(environmentValue("ROUNDING"));
  read.imageMilliseconds = environmentNumber("IMAGE_MILLISECONDS", 0);
  read.busGigabytesPerSecond = environmentNumber("BUS_GIGABYTES_PER_SECOND", 0);
  read.isComputationStubbed = environmentValue("STUB_COMPUTATION") == "1";
  read.isStubLibrary = environmentValue("STUB_LIBRARY") == "1";
  read.faults = environmentValue("FAULTS");
  read.countersFolder = environmentValue("COUNTERS");
  read.onnxRuntime = environmentValue("ONNXRUNTIME");
  return read;
}

}  // namespace

const Settings &settings() {
  if (current.load() == nullptr) readSettings();
  return *current.load();
}

void readSettings() { current.store(new Settings(fromEnvironment())); }

}  // namespace simulator
