#include "shapes.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "compiler-error.h"
#include "data-types.h"

namespace simulator {

namespace {

using Dims = std::vector<std::int64_t>;

constexpr std::size_t minimumGears = 2;
constexpr std::size_t maximumGears = 100;

std::vector<std::string> split(const std::string &text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

std::int64_t integer(const std::string &text, const std::string &shape) {
  std::size_t end = 0;
  std::int64_t value = 0;
  try {
    value = std::stoll(text, &end);
  } catch (const std::exception &) {
    end = 0;
  }
  if (end == 0 || end != text.size()) {
    throw CompilerError("E10002", "--input_shape=" + shape + ": '" + text + "' is not a whole number.");
  }
  return value;
}

/** `name:1,3,224,224;other:1`. A name may hold colons itself. */
std::map<std::string, Dims> parseInputShapes(const std::string &flag) {
  std::map<std::string, Dims> shapes;
  for (const std::string &part : split(flag, ';')) {
    const std::size_t colon = part.rfind(':');
    if (colon == std::string::npos || colon == 0) {
      throw CompilerError("E10002", "--input_shape=" + flag + " is not of the form name:1,3,224,224.");
    }
    Dims dims;
    for (const std::string &number : split(part.substr(colon + 1), ',')) dims.push_back(integer(number, flag));
    shapes[part.substr(0, colon)] = dims;
  }
  return shapes;
}

std::vector<std::uint64_t> parseGears(const std::string &flag) {
  std::vector<std::uint64_t> gears;
  for (const std::string &part : split(flag, ',')) {
    const bool isNumber = !part.empty() && part.size() < 10 &&
                          std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!isNumber || std::stoull(part) == 0) {
      throw CompilerError("E10038", "--dynamic_batch_size=" + flag + ": '" + part + "' is not a positive number.");
    }
    gears.push_back(std::stoull(part));
  }
  const std::string count = std::to_string(gears.size());
  if (gears.size() < minimumGears) {
    throw CompilerError("E10035", "--dynamic_batch_size has " + count + " gears, at least 2 are needed.");
  }
  if (gears.size() > maximumGears) {
    throw CompilerError("E10036", "--dynamic_batch_size has " + count + " gears, at most 100 are possible.");
  }
  if (std::set<std::uint64_t>(gears.begin(), gears.end()).size() != gears.size()) {
    throw CompilerError("E10039", "--dynamic_batch_size=" + flag + " has a gear twice.");
  }
  return gears;
}

std::string shapeText(const Dims &dims) {
  std::string text;
  for (const std::int64_t dimension : dims) text += (text.empty() ? "" : ",") + std::to_string(dimension);
  return text;
}

/** The shape that the model itself gives an input; only possible without symbols. */
Dims ownShape(const OnnxValue &input) {
  Dims dims;
  for (const auto &dimension : input.dims) {
    if (!dimension.has_value()) {
      throw CompilerError("E11005", "The input '" + input.name + "' has an open shape and is not in --input_shape.");
    }
    dims.push_back(*dimension);
  }
  return dims;
}

void checkAgainstModel(const OnnxValue &input, const Dims &dims) {
  if (dims.size() != input.dims.size()) {
    throw CompilerError("E10049", "--input_shape gives '" + input.name + "' " + std::to_string(dims.size()) +
                                      " dimensions, the model " + std::to_string(input.dims.size()) + ".");
  }
  for (std::size_t index = 0; index < dims.size(); ++index) {
    const auto &own = input.dims[index];
    if (own.has_value() && *own > 0 && dims[index] != *own) {
      // Plausible code: the real one finds out when it infers shapes.
      throw CompilerError("E10001", "--input_shape gives '" + input.name + "' " + shapeText(dims) + ", but dimension " +
                                        std::to_string(index) + " is " + std::to_string(*own) + " in the model.");
    }
  }
}

void checkOpenDimensions(const std::string &name, const Dims &dims, bool hasGears) {
  for (std::size_t index = 0; index < dims.size(); ++index) {
    const bool isBatch = hasGears && index == 0;
    if (dims[index] > 0 || (isBatch && dims[index] == -1)) continue;
    if (hasGears && dims[index] == -1) {
      throw CompilerError("E10018", "--input_shape gives '" + name + "' " + shapeText(dims) +
                                        ": with --dynamic_batch_size only the first dimension may be -1.");
    }
    throw CompilerError("E10011",
                        "--input_shape gives '" + name + "' " + shapeText(dims) + ": a dimension must be positive.");
  }
}

TensorDescription describeInput(const OnnxValue &input, const Dims &dims, const std::string &format) {
  TensorDescription tensor;
  tensor.name = input.name;
  tensor.tensor = input.name;
  tensor.type = fromOnnxType(input.elementType);
  tensor.format = format == "NCHW" && dims.size() == 4 ? ACL_FORMAT_NCHW : ACL_FORMAT_ND;
  tensor.dims = dims;
  return tensor;
}

/** Graph engine names an output after the node that gives it. */
std::string outputName(const OnnxModel &source, const std::string &tensor) {
  for (const OnnxNode &node : source.nodes) {
    const auto found = std::find(node.outputs.begin(), node.outputs.end(), tensor);
    if (found == node.outputs.end()) continue;
    const std::string name = node.name.empty() ? node.operatorType : node.name;
    return name + ":" + std::to_string(found - node.outputs.begin()) + ":" + tensor;
  }
  throw CompilerError("E10041", "No node of the model gives its output '" + tensor + "'.");
}

/** Symbols in an output can only be the batch, the first dimension. */
TensorDescription describeOutput(const OnnxModel &source, const OnnxValue &output, std::int64_t batch) {
  TensorDescription tensor;
  tensor.name = outputName(source, output.name);
  tensor.tensor = output.name;
  tensor.type = fromOnnxType(output.elementType);
  for (std::size_t index = 0; index < output.dims.size(); ++index) {
    if (!output.dims[index].has_value() && index > 0) {
      throw CompilerError("E10041", "The simulator infers no shapes, and the model does not tell dimension " +
                                        std::to_string(index) + " of its output '" + output.name + "'.");
    }
    tensor.dims.push_back(output.dims[index].value_or(batch));
  }
  if (tensor.dims.empty()) {
    throw CompilerError("E10041", "The model does not tell the shape of its output '" + output.name + "'.");
  }
  return tensor;
}

void checkNames(const std::map<std::string, Dims> &shapes, const OnnxModel &source) {
  for (const auto &[name, dims] : shapes) {
    const bool isKnown = std::any_of(source.inputs.begin(), source.inputs.end(),
                                     [&name = name](const OnnxValue &input) { return input.name == name; });
    if (!isKnown) throw CompilerError("E10016", "--input_shape names '" + name + "', which is no input of the model.");
  }
}

bool isBatchSymbolic(const OnnxModel &source) {
  return std::all_of(source.inputs.begin(), source.inputs.end(),
                     [](const OnnxValue &input) { return !input.dims.empty() && !input.dims.front().has_value(); });
}

}  // namespace

void planShapes(const CompilerFlags &flags, const OnnxModel &source, OfflineModel &target) {
  const auto shapes = parseInputShapes(flags.inputShape);
  checkNames(shapes, source);
  if (!flags.dynamicBatchSize.empty()) target.gears = parseGears(flags.dynamicBatchSize);
  for (const OnnxValue &input : source.inputs) {
    const auto given = shapes.find(input.name);
    const Dims dims = given == shapes.end() ? ownShape(input) : given->second;
    checkAgainstModel(input, dims);
    checkOpenDimensions(input.name, dims, !target.gears.empty());
    target.inputs.push_back(describeInput(input, dims, flags.inputFormat));
  }
  const bool hasOpenBatch = std::any_of(target.inputs.begin(), target.inputs.end(),
                                        [](const TensorDescription &input) { return input.isDynamic(); });
  if (!target.gears.empty() && !hasOpenBatch) {
    throw CompilerError("E10031", "With --dynamic_batch_size an input in --input_shape must begin with -1.");
  }
  target.isSliced = isBatchSymbolic(source);
  if (!target.gears.empty() && !target.isSliced) {
    throw CompilerError("E10041", "The batch of the model is fixed: it cannot be compiled for several.");
  }
  const std::int64_t batch = target.inputs.empty() ? 1 : target.inputs.front().dims.front();
  for (const OnnxValue &output : source.outputs) target.outputs.push_back(describeOutput(source, output, batch));
}

}  // namespace simulator
