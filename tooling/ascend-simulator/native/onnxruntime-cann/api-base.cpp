// The one function that an ONNX Runtime library exports.
#include <array>
#include <cstring>
#include <string>

#include "../common/environment.h"
#include "runtime-table.h"
#include "sessions.h"

namespace simulator {

namespace {

using runtime::Status;

Status getAvailableProviders(char ***names, int *count) {
  static std::array<std::string, 2> providers = {"CANNExecutionProvider", "CPUExecutionProvider"};
  static std::array<char *, 2> list = {providers[0].data(), providers[1].data()};
  const bool withoutCann = environmentValue("PROVIDER_MISSING") == "1";
  *names = list.data() + (withoutCann ? 1 : 0);
  *count = withoutCann ? 1 : 2;
  return nullptr;
}

Status releaseAvailableProviders(char **, int) { return nullptr; }

const char *getBuildInfo() {
  static const std::string text =
      std::string(runtime::stock<const char *(*)()>(runtime::getBuildInfo)()) + ", simulated CANN provider";
  return text.c_str();
}

/** What is broken of this library: `base`, `functions`, `version`, `table` or `place`. */
bool isBroken(const char *part) { return environmentValue("PROVIDER_BROKEN") == part; }

const void *const *makeTable() {
  static std::array<const void *, runtime::tableLength> table;
  std::memcpy(table.data(), runtime::stockTable(), sizeof table);
  installSessionFunctions(table.data());
  table[runtime::getAvailableProviders] = reinterpret_cast<const void *>(getAvailableProviders);
  table[runtime::releaseAvailableProviders] = reinterpret_cast<const void *>(releaseAvailableProviders);
  table[runtime::getBuildInfo] = reinterpret_cast<const void *>(getBuildInfo);
  if (isBroken("place")) table[runtime::run] = nullptr;
  return table.data();
}

/** Later versions are not stood in for, and earlier ones are the beginning of the same table. */
const void *const *getApi(std::uint32_t version) {
  static const void *const *const table = makeTable();
  return version <= runtime::tableVersion && !isBroken("table") ? table : nullptr;
}

const char *getVersionString() {
  static const std::string text = [] {
    const std::string pretended = environmentValue("PROVIDER_VERSION");
    return pretended.empty() ? std::string(runtime::stockBase().getVersionString()) : pretended;
  }();
  return isBroken("version") ? nullptr : text.c_str();
}

}  // namespace

}  // namespace simulator

extern "C" __attribute__((visibility("default"))) const simulator::runtime::ApiBase *OrtGetApiBase() {
  static const simulator::runtime::ApiBase base = {simulator::getApi, simulator::getVersionString};
  static const simulator::runtime::ApiBase empty = {nullptr, nullptr};
  if (simulator::isBroken("functions")) return &empty;
  return simulator::isBroken("base") ? nullptr : &base;
}
