#include "cann-failure.h"

#include <chrono>
#include <thread>

#include "../common/environment.h"
#include "../library/faults.h"

namespace simulator {

namespace {

std::string failure(const std::string &library, const std::string &code, const std::string &call) {
  return library + " failure " + code + " ; NPU=0 ; hostname=simulated ; expr=" + call + "; ";
}

}  // namespace

std::string aclFailure(int code, const std::string &call) {
  return failure("CANN", std::to_string(code) + ": (look for ACL_ERROR_xxx in acl.h)", call);
}

std::string graphFailure(const std::string &call) {
  return failure("CANN_GRAPH", "-1: GRAPH_FAILED", call);
}

std::optional<std::string> strike(const std::string &place, const std::string &call) {
  planFaults(environmentValue("PROVIDER_FAULTS"));
  const auto fault = nextFault(place);
  if (!fault) return std::nullopt;
  switch (fault->kind) {
    case Fault::Kind::code:
      return aclFailure(fault->code, call);
    case Fault::Kind::delay:
      std::this_thread::sleep_for(fault->delay);
      return std::nullopt;
    case Fault::Kind::hang:
      for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
    case Fault::Kind::crash:
      crash();
  }
  return std::nullopt;
}

}  // namespace simulator
