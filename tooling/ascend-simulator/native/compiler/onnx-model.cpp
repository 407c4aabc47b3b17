#include "onnx-model.h"

#include <algorithm>
#include <stdexcept>

#include "onnx-fields.h"
#include "protobuf.h"

namespace simulator {

namespace {

std::string text(const ProtobufField &field) { return std::string(field.bytes); }

OnnxNode parseNode(std::string_view bytes) {
  OnnxNode node;
  forEachField(bytes, [&](const ProtobufField &field) {
    switch (field.number) {
      case onnx::node::input: node.inputs.push_back(text(field)); break;
      case onnx::node::output: node.outputs.push_back(text(field)); break;
      case onnx::node::name: node.name = text(field); break;
      case onnx::node::operatorType: node.operatorType = text(field); break;
      case onnx::node::domain: node.domain = text(field); break;
      default: break;
    }
  });
  return node;
}

std::pair<std::string, std::string> parseEntry(std::string_view bytes) {
  std::pair<std::string, std::string> entry;
  forEachField(bytes, [&](const ProtobufField &field) {
    if (field.number == onnx::entry::key) entry.first = text(field);
    if (field.number == onnx::entry::value) entry.second = text(field);
  });
  return entry;
}

OnnxTensor parseTensor(std::string_view bytes) {
  OnnxTensor tensor;
  tensor.encoded = bytes;
  forEachField(bytes, [&](const ProtobufField &field) {
    switch (field.number) {
      case onnx::tensor::dims: appendIntegers(field, tensor.dims); break;
      case onnx::tensor::dataType: tensor.elementType = static_cast<int>(field.value); break;
      case onnx::tensor::name: tensor.name = text(field); break;
      case onnx::tensor::externalData: tensor.external.insert(parseEntry(field.bytes)); break;
      case onnx::tensor::dataLocation: tensor.isExternal = field.value == onnx::external; break;
      default: break;
    }
  });
  return tensor;
}

std::optional<std::int64_t> parseDimension(std::string_view bytes) {
  std::optional<std::int64_t> dimension;
  forEachField(bytes, [&](const ProtobufField &field) {
    if (field.number == onnx::dimension::value) dimension = static_cast<std::int64_t>(field.value);
  });
  return dimension;
}

void parseShape(std::string_view bytes, OnnxValue &value) {
  forEachField(bytes, [&](const ProtobufField &field) {
    if (field.number == onnx::shape::dimension) value.dims.push_back(parseDimension(field.bytes));
  });
}

void parseTensorType(std::string_view bytes, OnnxValue &value) {
  forEachField(bytes, [&](const ProtobufField &field) {
    if (field.number == onnx::tensorType::elementType) value.elementType = static_cast<int>(field.value);
    if (field.number == onnx::tensorType::shape) parseShape(field.bytes, value);
  });
}

OnnxValue parseValue(std::string_view bytes) {
  OnnxValue value;
  forEachField(bytes, [&](const ProtobufField &field) {
    if (field.number == onnx::valueInfo::name) value.name = text(field);
    if (field.number != onnx::valueInfo::type) return;
    forEachField(field.bytes, [&](const ProtobufField &type) {
      if (type.number == onnx::type::tensor) parseTensorType(type.bytes, value);
    });
  });
  return value;
}

void parseGraph(std::string_view bytes, OnnxModel &model) {
  forEachField(bytes, [&](const ProtobufField &field) {
    switch (field.number) {
      case onnx::graph::node: model.nodes.push_back(parseNode(field.bytes)); break;
      case onnx::graph::input: model.inputs.push_back(parseValue(field.bytes)); break;
      case onnx::graph::output: model.outputs.push_back(parseValue(field.bytes)); break;
      case onnx::graph::initializer: model.initializers.push_back(parseTensor(field.bytes)); return;
      default: break;
    }
    model.otherGraphFields.append(field.encoded);
  });
}

void parseOpset(std::string_view bytes, OnnxModel &model) {
  std::string domain;
  std::int64_t version = 0;
  forEachField(bytes, [&](const ProtobufField &field) {
    if (field.number == onnx::opset::domain) domain = text(field);
    if (field.number == onnx::opset::version) version = static_cast<std::int64_t>(field.value);
  });
  model.opsets[domain == "ai.onnx" ? "" : domain] = version;
}

bool hasInitializer(const OnnxModel &model, const std::string &name) {
  return std::any_of(model.initializers.begin(), model.initializers.end(),
                     [&](const OnnxTensor &tensor) { return tensor.name == name; });
}

}  // namespace

std::uint64_t OnnxTensor::elements() const {
  std::uint64_t count = 1;
  for (const std::int64_t dimension : dims) count *= static_cast<std::uint64_t>(dimension);
  return count;
}

std::string OnnxModel::withInitializers(const std::vector<std::string> &encoded) const {
  std::string graph = otherGraphFields;
  for (const std::string &tensor : encoded) writeBytes(graph, onnx::graph::initializer, tensor);
  std::string bytes = otherModelFields;
  writeBytes(bytes, onnx::model::graph, graph);
  return bytes;
}

std::string encodeTensorHead(const OnnxTensor &tensor) {
  std::string encoded;
  for (const std::int64_t dimension : tensor.dims) {
    writeInteger(encoded, onnx::tensor::dims, static_cast<std::uint64_t>(dimension));
  }
  writeInteger(encoded, onnx::tensor::dataType, static_cast<std::uint64_t>(tensor.elementType));
  writeBytes(encoded, onnx::tensor::name, tensor.name);
  return encoded;
}

OnnxModel parseOnnxModel(std::string_view bytes) {
  OnnxModel model;
  bool hasGraph = false;
  forEachField(bytes, [&](const ProtobufField &field) {
    if (field.number == onnx::model::graph) {
      hasGraph = true;
      parseGraph(field.bytes, model);
      return;
    }
    if (field.number == onnx::model::opsetImport) parseOpset(field.bytes, model);
    model.otherModelFields.append(field.encoded);
  });
  if (!hasGraph) throw std::runtime_error("it has no graph");
  model.inputs.erase(std::remove_if(model.inputs.begin(), model.inputs.end(),
                                    [&](const OnnxValue &input) { return hasInitializer(model, input.name); }),
                     model.inputs.end());
  return model;
}

}  // namespace simulator
