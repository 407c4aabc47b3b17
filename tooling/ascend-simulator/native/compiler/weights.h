// The weights of a model on their way into the offline model.
#pragma once

#include <filesystem>
#include <string>

#include "flags.h"
#include "offline-model.h"
#include "onnx-model.h"

namespace simulator {

struct WeightRules {
  Precision precision = Precision::origin;
  /** Weights go into files of their own in this folder; empty: into the offline model. */
  std::filesystem::path folder;
  /** Weights whose name contains this come out multiplied by 1.5; empty: none. */
  std::string wrongWeights;
};

/**
 * Fills in the ONNX bytes with copies of all weights, and their size.
 * @param modelFile the real path of the ONNX model: what its external data is relative to
 * @throws CompilerError for external data that the real compiler cannot read
 */
void packWeights(const OnnxModel &source, const std::filesystem::path &modelFile, const WeightRules &rules,
                 OfflineModel &target);

}  // namespace simulator
