#include "operators.h"

#include <set>

#include "compiler-error.h"

namespace simulator {

namespace {

constexpr std::int64_t lowestOpset = 11;
constexpr std::int64_t highestOpset = 18;

// clang-format off
/**
 * Operators of ai.onnx that transformers and convolutional networks are made of and that the documents list for opset
 * 11 to
 * 18. LayerNormalization is left out: whether CANN 8.5 converts it in float32 is not known, so a graph should do
 * without.
 */
const std::set<std::string> convertedOperators = {
    "Abs", "Acos", "Add", "And", "ArgMax", "ArgMin", "Asin", "Atan", "AveragePool", "BatchNormalization", "Cast",
    "Ceil", "Clip", "Concat", "Constant", "ConstantOfShape", "Conv", "ConvTranspose", "Cos", "CumSum",
    "DepthToSpace", "Div", "Dropout", "Einsum", "Elu", "Equal", "Erf", "Exp", "Expand", "Flatten", "Floor",
    "Gather", "GatherElements", "GatherND", "Gemm", "GlobalAveragePool", "GlobalMaxPool", "Greater",
    "GreaterOrEqual", "HardSigmoid", "HardSwish", "Identity", "InstanceNormalization", "LRN", "LeakyRelu", "Less",
    "LessOrEqual", "Log", "LogSoftmax", "LpNormalization", "MatMul", "Max", "MaxPool", "Mean", "Min", "Mod",
    "Mul", "Neg", "NonZero", "Not", "OneHot", "Or", "PRelu", "Pad", "Pow", "Range", "Reciprocal", "ReduceL1",
    "ReduceL2", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "Relu", "Reshape", "Resize",
    "Round", "ScatterElements", "ScatterND", "Selu", "Shape", "Sigmoid", "Sign", "Sin", "Slice", "Softmax",
    "Softplus", "Softsign", "SpaceToDepth", "Split", "Sqrt", "Squeeze", "Sub", "Sum", "Tanh", "Tile", "TopK",
    "Transpose", "Unsqueeze", "Where", "Xor"};
// clang-format on

}  // namespace

void checkOperators(const OnnxModel &model) {
  const auto found = model.opsets.find("");
  const std::int64_t opset = found == model.opsets.end() ? 0 : found->second;
  for (const OnnxNode &node : model.nodes) {
    const bool isStandard = node.domain.empty() || node.domain == "ai.onnx";
    const bool isConverted = isStandard && convertedOperators.count(node.operatorType) > 0;
    if (isConverted && opset >= lowestOpset && opset <= highestOpset) continue;
    const std::string domain = isStandard ? "ai.onnx" : node.domain;
    const auto version = model.opsets.find(isStandard ? "" : node.domain);
    const std::string number = version == model.opsets.end() ? "0" : std::to_string(version->second);
    // The code and form that an unknown operator and a too new opset alike get from the real compiler.
    throw CompilerError("EZ9010", "No parser is registered for Op [" + node.name + ", optype [" + domain +
                                      "::" + number + "::" + node.operatorType + "]].");
  }
}

}  // namespace simulator
