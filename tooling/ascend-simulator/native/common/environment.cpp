#include "environment.h"

#include <cstdlib>
#include <stdexcept>

namespace simulator {

std::string environmentValue(const char *name) {
  const char *value = std::getenv((std::string("WEBSSL_SIMULATOR_") + name).c_str());
  return value == nullptr ? "" : value;
}

double environmentNumber(const char *name, double fallback) {
  const std::string text = environmentValue(name);
  if (text.empty()) return fallback;
  char *end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (*end != '\0' || !(value >= 0)) {
    throw std::invalid_argument("WEBSSL_SIMULATOR_" + std::string(name) + " is not a number: " + text);
  }
  return value;
}

}  // namespace simulator
