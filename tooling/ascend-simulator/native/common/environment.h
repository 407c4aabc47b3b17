// The environment variables that configure the simulator. README.md and src/environment.ts name them too.
#pragma once

#include <string>

namespace simulator {

/** Value of `WEBSSL_SIMULATOR_<name>`; empty where it is not set. */
std::string environmentValue(const char *name);

/**
 * A number of at least 0 from `WEBSSL_SIMULATOR_<name>`.
 * @throws std::invalid_argument naming the variable
 */
double environmentNumber(const char *name, double fallback);

}  // namespace simulator
