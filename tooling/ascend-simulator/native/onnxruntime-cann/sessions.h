// The functions of the table that stand in for those of an ONNX Runtime with the CANN provider.
#pragma once

#include "runtime-table.h"

namespace simulator {

/** Puts them into a copy of the stock table. */
void installSessionFunctions(const void **table);

}  // namespace simulator
