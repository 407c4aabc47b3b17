#include "data-types.h"

namespace simulator {

namespace {

struct DataType {
  aclDataType type;
  int onnx;
  std::size_t bytes;
};

constexpr DataType dataTypes[] = {
    {ACL_FLOAT, 1, 4},   {ACL_UINT8, 2, 1},   {ACL_INT8, 3, 1},  {ACL_UINT16, 4, 2},   {ACL_INT16, 5, 2},
    {ACL_INT32, 6, 4},   {ACL_INT64, 7, 8},   {ACL_BOOL, 9, 1},  {ACL_FLOAT16, 10, 2}, {ACL_DOUBLE, 11, 8},
    {ACL_UINT32, 12, 4}, {ACL_UINT64, 13, 8}, {ACL_BF16, 16, 2},
};

}  // namespace

std::size_t elementSize(aclDataType type) {
  for (const DataType &known : dataTypes) {
    if (known.type == type) return known.bytes;
  }
  return 0;
}

aclDataType fromOnnxType(int onnxType) {
  for (const DataType &known : dataTypes) {
    if (known.onnx == onnxType) return known.type;
  }
  return ACL_DT_UNDEFINED;
}

int toOnnxType(aclDataType type) {
  for (const DataType &known : dataTypes) {
    if (known.type == type) return known.onnx;
  }
  return 0;
}

}  // namespace simulator
