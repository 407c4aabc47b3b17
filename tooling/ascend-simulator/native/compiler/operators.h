// What the real compiler converts.
#pragma once

#include "onnx-model.h"

namespace simulator {

/** @throws CompilerError for an opset outside 11 to 18, and for a node whose operator has no parser */
void checkOperators(const OnnxModel &model);

}  // namespace simulator
