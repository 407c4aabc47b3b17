// Element types as AscendCL and ONNX number them.
#pragma once

#include <cstddef>

#include "ascendcl.h"

namespace simulator {

/** Bytes of one element; 0 for a type that the simulator does not know. */
std::size_t elementSize(aclDataType type);

/** The type of AscendCL for a TensorProto.DataType of ONNX; ACL_DT_UNDEFINED where there is none. */
aclDataType fromOnnxType(int onnxType);

/** The opposite of `fromOnnxType`; 0 (undefined) where ONNX has no such type. */
int toOnnxType(aclDataType type);

}  // namespace simulator
