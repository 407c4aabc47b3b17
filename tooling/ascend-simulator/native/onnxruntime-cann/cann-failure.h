// Failures of CANN as the provider words them.
#pragma once

#include <optional>
#include <string>

namespace simulator {

/** A call of AscendCL that failed. */
std::string aclFailure(int code, const std::string &call);

/** A call of the graph engine that failed; it tells no more than that. */
std::string graphFailure(const std::string &call);

/**
 * Counts a use of a place of the fault plan, and lets the fault happen that strikes it.
 * @param call what the provider was calling
 * @return the failure, where the fault is one
 */
std::optional<std::string> strike(const std::string &place, const std::string &call);

}  // namespace simulator
