// Why `atc` refuses.
#pragma once

#include <stdexcept>
#include <string>

namespace simulator {

/**
 * A refusal with the code that the real compiler prints. Codes of the E10000 range are the documented ones for the same
 * mistake; what is only plausible is marked where it is thrown. The wording is the simulator's own.
 */
class CompilerError : public std::runtime_error {
 public:
  CompilerError(std::string code, const std::string &message) : std::runtime_error(message), code(std::move(code)) {}
  const std::string code;
};

}  // namespace simulator
