// What the simulated machine is like, as the environment says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "number-formats.h"

namespace simulator {

struct Settings {
  std::uint32_t devices = 1;
  std::string soc = "Ascend910B4";
  std::size_t memoryBytes = std::size_t{1} << 30;
  Rounding rounding = Rounding::none;
  double imageMilliseconds = 0;
  /** 0: as fast as memory. */
  double busGigabytesPerSecond = 0;
  bool isComputationStubbed = false;
  bool isStubLibrary = false;
  std::string faults;
  std::string countersFolder;
  std::string onnxRuntime;
};

/** The settings in force: those of the last `readSettings`, which the first use calls. */
const Settings &settings();

/** Reads the environment anew. @throws std::invalid_argument */
void readSettings();

}  // namespace simulator
