// `--input_shape` and `--dynamic_batch_size`: the shapes that an offline model is compiled for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "flags.h"
#include "offline-model.h"
#include "onnx-model.h"

namespace simulator {

/**
 * Fills in gears, inputs (without the one that carries the batch size) and outputs.
 * @throws CompilerError for shapes that the real compiler refuses, and for outputs whose shape the ONNX model does not
 * tell
 */
void planShapes(const CompilerFlags &flags, const OnnxModel &source, OfflineModel &target);

}  // namespace simulator
