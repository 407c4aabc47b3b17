#include "counters.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "contexts.h"
#include "datasets.h"
#include "descriptions.h"
#include "events.h"
#include "host-memory.h"
#include "models.h"
#include "settings.h"
#include "streams.h"

namespace simulator {

namespace {

struct DeviceTotals {
  std::uint64_t allocations = 0;
  std::uint64_t bytes = 0;
  std::uint64_t peakBytes = 0;
  std::uint64_t executions = 0;
  std::uint64_t images = 0;
};

DeviceTotals addUpDevices() {
  DeviceTotals totals;
  for (const auto &device : allDevices()) {
    totals.allocations += device->memory.allocations();
    totals.bytes += device->memory.usedBytes();
    totals.peakBytes = std::max<std::uint64_t>(totals.peakBytes, device->memory.peakBytes());
    totals.executions += device->record.executions();
    totals.images += device->record.images();
  }
  return totals;
}

/** One `name value` a line, the names of `SimulatorCounters` in src/simulator.ts. */
void print(std::ostream &out) {
  const DeviceTotals totals = addUpDevices();
  const auto devices = allDevices();
  out << "processId " << getpid() << "\nopenDeviceAllocations " << totals.allocations << "\nopenDeviceBytes "
      << totals.bytes << "\nopenHostAllocations " << hostAllocations() << "\nopenStreams " << openStreams()
      << "\nopenEvents " << openEvents() << "\nopenContexts " << openContexts() << "\nopenModels " << openModels()
      << "\nopenDescriptions " << openDescriptions() << "\nopenDatasets " << openDatasets() << "\nopenDataBuffers "
      << openBuffers() << "\ninitialisations " << initialisations() << "\nopenDevices " << openDevices()
      << "\nexecutions " << totals.executions << "\nexecutedImages " << totals.images << "\nbusyNanoseconds "
      << (devices.empty() ? 0 : devices.front()->record.busy().count()) << "\nspanNanoseconds "
      << (devices.empty() ? 0 : devices.front()->record.span().count()) << "\npeakDeviceBytes " << totals.peakBytes
      << '\n';
}

}  // namespace

void writeCounters() {
  if (settings().countersFolder.empty()) return;
  const std::string path = settings().countersFolder + "/" + std::to_string(getpid()) + ".txt";
  const std::string unfinished = path + ".unfinished";
  {
    std::ofstream file(unfinished);
    print(file);
  }
  std::error_code ignored;
  std::filesystem::rename(unfinished, path, ignored);
}

void writeCountersAtExit() {
  static const bool isRegistered = std::atexit(writeCounters) == 0;
  (void)isRegistered;
}

}  // namespace simulator
