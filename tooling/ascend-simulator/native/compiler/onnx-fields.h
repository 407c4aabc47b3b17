// Field numbers of onnx.proto3 (ONNX is Apache-2.0; the numbers are facts of its file format).
#pragma once

#include <cstdint>

namespace simulator::onnx {

using Field = std::uint32_t;

namespace model {
constexpr Field graph = 7, opsetImport = 8;
}
namespace opset {
constexpr Field domain = 1, version = 2;
}
namespace graph {
constexpr Field node = 1, initializer = 5, input = 11, output = 12;
}
namespace node {
constexpr Field input = 1, output = 2, name = 3, operatorType = 4, domain = 7;
}
namespace tensor {
constexpr Field dims = 1, dataType = 2, floatData = 4, name = 8, rawData = 9, externalData = 13, dataLocation = 14;
}
namespace entry {
constexpr Field key = 1, value = 2;
}
namespace valueInfo {
constexpr Field name = 1, type = 2;
}
namespace type {
constexpr Field tensor = 1;
}
namespace tensorType {
constexpr Field elementType = 1, shape = 2;
}
namespace shape {
constexpr Field dimension = 1;
}
namespace dimension {
constexpr Field value = 1;
}

/** TensorProto.DataLocation.EXTERNAL. */
constexpr std::uint64_t external = 1;
/** TensorProto.DataType.FLOAT. */
constexpr int float32 = 1;

}  // namespace simulator::onnx
