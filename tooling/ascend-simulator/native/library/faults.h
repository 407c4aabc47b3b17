// Faults by plan: `<place>[#<n>]=<action>`, separated by semicolons. src/simulator.ts says what places and actions
// there are.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace simulator {

struct Fault {
  enum class Kind { code, hang, crash, delay };
  Kind kind;
  /** Of `code`. */
  int code;
  /** Of `delay`. */
  std::chrono::milliseconds delay;
};

/**
 * Puts a plan in force. Uses are counted from here, unless it is the plan that is in force already.
 * @throws std::invalid_argument for a plan that cannot be read
 */
void planFaults(const std::string &plan);

/** Counts a use of a place, and tells the fault that strikes it. */
std::optional<Fault> nextFault(const std::string &place);

/** Ends the process with a segmentation fault. */
[[noreturn]] void crash();

}  // namespace simulator
