// aclInit and what ends it, errors, versions.
#include <cstdio>
#include <cstring>

#include "answer.h"
#include "contexts.h"
#include "counters.h"
#include "error-codes.h"
#include "settings.h"

using namespace simulator;

namespace {

constexpr char cannVersion[] = "8.5.0";
constexpr char driverVersion[] = "25.3.0";
constexpr std::int32_t cannVersionNumber = 80500000;

/** The version of a package, by the names that `aclsysGetVersionStr` takes. @throws Refusal 100000 */
const char *versionOf(const char *package) {
  requireArgument(package, "The package");
  if (std::strcmp(package, "driver") == 0) return driverVersion;
  for (const char *known : {"cann", "runtime", "compiler", "hccl", "toolkit", "opp", "opp_kernel"}) {
    if (std::strcmp(package, known) == 0) return cannVersion;
  }
  throw Refusal(code::invalidParameter, std::string("There is no package ") + package + ".");
}

}  // namespace

aclError aclInit(const char *configPath) {
  // First: the plan that may strike this very call is part of the settings.
  const aclError prepared = answer("settings", [] { prepareMachine(); });
  if (prepared != code::success) return prepared;
  return answer("aclInit", [&] {
    initialize(configPath);
    writeCountersAtExit();
  });
}

aclError aclFinalize() {
  const aclError result = answerRelease("aclFinalize", [] { finalize(); });
  writeCounters();
  return result;
}

aclError aclFinalizeReference(std::uint64_t *references) {
  const aclError result = answerRelease("aclFinalizeReference", [&] {
    const std::uint64_t left = finalizeReference();
    if (references != nullptr) *references = left;
  });
  writeCounters();
  return result;
}

const char *aclGetRecentErrMsg() { return takeRecentMessage(); }

aclError aclrtGetVersion(std::int32_t *major, std::int32_t *minor, std::int32_t *patch) {
  return answer("aclrtGetVersion", [&] {
    requireArgument(major, "majorVersion");
    requireArgument(minor, "minorVersion");
    requireArgument(patch, "patchVersion");
    *major = 1;
    *minor = 16;
    *patch = 0;
  });
}

const char *aclrtGetSocName() {
  return answerValue<const char *>("aclrtGetSocName", nullptr,
                                   [] { return settings().soc == "none" ? nullptr : settings().soc.c_str(); });
}

aclError aclsysGetCANNVersion(int package, aclCANNPackageVersion *version) {
  return answer("aclsysGetCANNVersion", [&] {
    static const char *const names[] = {"cann",    "runtime", "compiler",   "hccl",
                                        "toolkit", "opp",     "opp_kernel", "driver"};
    requireArgument(version, "version");
    if (package < 0 || package >= 8) throw Refusal(code::invalidParameter, "There is no such package.");
    *version = {};
    std::snprintf(version->version, sizeof version->version, "%s", versionOf(names[package]));
  });
}

aclError aclsysGetVersionStr(char *package, char *version) {
  return answer("aclsysGetVersionStr", [&] {
    requireArgument(version, "versionStr");
    std::strcpy(version, versionOf(package));
  });
}

aclError aclsysGetVersionNum(char *package, std::int32_t *version) {
  return answer("aclsysGetVersionNum", [&] {
    requireArgument(version, "versionNum");
    versionOf(package);
    *version = cannVersionNumber;
  });
}

aclError aclrtPeekAtLastError(int) { return lastError(); }

aclError aclrtGetLastError(int) {
  const aclError error = lastError();
  forgetLastError();
  return error;
}

int webssl_ascend_simulator_version() { return 1; }
