#include "graph-rules.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "../common/environment.h"

namespace simulator {

namespace {

/** Of the operators that the provider takes (cann_graph.cc of ONNX Runtime), those that a vision transformer may use. */
const std::set<std::string> supported = {
    "Abs",     "Add",        "Cast",    "Clip",    "Concat", "Constant", "ConstantOfShape", "Conv",
    "Div",     "Equal",      "Erf",     "Exp",     "Expand", "Flatten",  "Gather",          "Gemm",
    "Greater", "Identity",   "Less",    "Log",     "MatMul", "Max",      "Min",             "Mul",
    "Neg",     "Pad",        "Pow",     "Range",   "Relu",   "ReduceMean", "ReduceSum",     "Reshape",
    "Resize",  "Shape",      "Sigmoid", "Slice",   "Softmax", "Split",   "Sqrt",            "Squeeze",
    "Sub",     "Sum",        "Tanh",    "Tile",    "Transpose", "Unsqueeze", "Where"};

std::set<std::string> removedOperators() {
  std::istringstream stream(environmentValue("PROVIDER_WITHOUT_OPERATORS"));
  std::set<std::string> names;
  for (std::string name; std::getline(stream, name, ',');) names.insert(name);
  return names;
}

}  // namespace

bool leavesOperators(const OnnxModel &model, int optimizationLevel) {
  const auto opset = model.opsets.find("");
  // From opset 17 on even the basic optimisations make a LayerNormalization of its parts, which the provider does not know.
  if (opset == model.opsets.end() || opset->second < 8 || (opset->second >= 17 && optimizationLevel > 0)) return true;
  const std::set<std::string> removed = removedOperators();
  std::set<std::string> constants;
  for (const OnnxTensor &tensor : model.initializers) constants.insert(tensor.name);
  return std::any_of(model.nodes.begin(), model.nodes.end(), [&](const OnnxNode &node) {
    const bool isOnnx = node.domain.empty() || node.domain == "ai.onnx";
    const bool isConstant = std::all_of(node.inputs.begin(), node.inputs.end(),
                                        [&](const std::string &name) { return constants.count(name) > 0; });
    return !isOnnx || supported.count(node.operatorType) == 0 || removed.count(node.operatorType) > 0 || isConstant;
  });
}

bool hasEveryWeight(const OnnxModel &model, const FilesInMemory &files) {
  return std::all_of(model.initializers.begin(), model.initializers.end(), [&](const OnnxTensor &tensor) {
    const auto location = tensor.external.find("location");
    return !tensor.isExternal || (location != tensor.external.end() && files.count(location->second) > 0);
  });
}

std::uint64_t messageBytes(std::size_t modelBytes, const OnnxModel &model) {
  std::uint64_t total = modelBytes;
  for (const OnnxTensor &tensor : model.initializers) {
    const auto length = tensor.external.find("length");
    if (tensor.isExternal && length != tensor.external.end()) total += std::stoull(length->second);
  }
  return total;
}

std::uint64_t hashOfText(const std::string &text, std::uint64_t start) {
  std::uint64_t hash = start;
  for (const char character : text) hash = (hash ^ static_cast<unsigned char>(character)) * 1099511628211ULL;
  return hash;
}

std::uint64_t hashOfNames(const OnnxModel &model) {
  std::uint64_t hash = hashOfText("");
  for (const OnnxValue &input : model.inputs) hash = hashOfText(input.name, hash);
  for (const OnnxNode &node : model.nodes) {
    for (const std::string &output : node.outputs) hash = hashOfText(output, hash);
  }
  return hash;
}

std::uint64_t hashOfAll(const std::string &model, const FilesInMemory &files) {
  constexpr std::size_t megabyte = 1 << 20;
  std::uint64_t hash = hashOfText(model);
  for (const auto &[name, file] : files) {
    hash = hashOfText(name, hash);
    hash = hashOfText(std::string(file.bytes, std::min(file.length, megabyte)), hash);
  }
  return hash;
}

}  // namespace simulator
