// The command line of `atc`.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace simulator {

/** How the compiler treats float32 weights. */
enum class Precision { origin, float16, mixedFloat16 };

struct CompilerFlags {
  std::string model;
  /** Without `.om`. */
  std::string output;
  std::string soc;
  std::string inputFormat = "NCHW";
  std::string inputShape;
  std::string dynamicBatchSize;
  Precision precision = Precision::float16;
  bool hasExternalWeights = false;
};

/** @throws CompilerError for a flag or a value that the real compiler refuses */
CompilerFlags parseFlags(const std::vector<std::string> &words);

}  // namespace simulator
