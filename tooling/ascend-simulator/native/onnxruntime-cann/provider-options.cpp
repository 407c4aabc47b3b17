#include "provider-options.h"

#include <cstdlib>
#include <set>

#include "../common/environment.h"
#include "cann-failure.h"

namespace simulator {

namespace {

const std::set<std::string> ignored = {"npu_mem_limit",   "arena_extend_strategy", "enable_cann_subgraph",
                                       "dump_graphs",     "op_select_impl_mode",   "optypelist_for_implmode"};

/** `precision_mode_v2`, `precision_mode`, `first` (whose name for the precision that is, too) or `neither`. */
std::string generation() {
  const std::string value = environmentValue("PROVIDER_GENERATION");
  return value.empty() ? "precision_mode_v2" : value;
}

std::string precisionKey() { return generation() == "first" ? "precision_mode" : generation(); }

std::optional<std::string> readDevice(const std::string &value, int &device) {
  const auto devices = static_cast<int>(environmentNumber("PROVIDER_DEVICES", 1));
  const std::string problem = "Failed to parse provider option \"device_id\": ";
  device = std::atoi(value.c_str());
  if (devices == 0) return problem + "aclrtGetDeviceCount() failed.";
  if (device >= 0 && device < devices) return std::nullopt;
  return problem + "Invalid device ID: " + value + ", must be between 0 (inclusive) and " +
         std::to_string(devices) + " (exclusive).";
}

}  // namespace

std::optional<std::string> readProviderOptions(const char *const *keys, const char *const *values,
                                               std::size_t count, ProviderOptions &options) {
  const std::string loading = environmentValue("PROVIDER_ERROR");
  if (!loading.empty()) return loading;
  if (const auto failure = strike("update", "aclrtGetDeviceCount(&num_devices)")) return failure;
  const bool alwaysDumps = generation() == "first";
  ProviderOptions read;
  read.dumpsOfflineModels = alwaysDumps;
  for (std::size_t index = 0; index < count; ++index) {
    const std::string key = keys[index];
    const std::string value = values[index];
    if (key == "device_id") {
      if (auto problem = readDevice(value, read.device)) return problem;
    } else if (key == "enable_cann_graph") {
      read.cannGraph = value == "1";
    } else if (key == "dump_om_model" && !alwaysDumps) {
      read.dumpsOfflineModels = value == "1";
    } else if (key == precisionKey()) {
      read.precision = value;
    } else if (ignored.count(key) == 0) {
      return "Unknown provider option: \"" + key + "\".";
    }
  }
  options = read;
  return std::nullopt;
}

}  // namespace simulator
