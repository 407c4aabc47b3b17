// What `atc` needs to know of an ONNX model, read in place.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace simulator {

struct OnnxValue {
  std::string name;
  int elementType = 0;
  /** No value: a symbol. */
  std::vector<std::optional<std::int64_t>> dims;
};

struct OnnxNode {
  std::string name;
  std::string operatorType;
  std::string domain;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
};

struct OnnxTensor {
  std::string name;
  int elementType = 0;
  std::vector<std::int64_t> dims;
  bool isExternal = false;
  /** Keys and values of external_data. */
  std::map<std::string, std::string> external;
  /** TensorProto as it stands in the model. */
  std::string_view encoded;

  std::uint64_t elements() const;
};

struct OnnxModel {
  std::map<std::string, std::int64_t> opsets;
  std::vector<OnnxNode> nodes;
  std::vector<OnnxTensor> initializers;
  /** Without the initialisers that old models list among their inputs. */
  std::vector<OnnxValue> inputs;
  std::vector<OnnxValue> outputs;
  /** All other fields of ModelProto and of its graph, encoded. */
  std::string otherModelFields;
  std::string otherGraphFields;

  /** The model with other initialisers, each an encoded TensorProto. */
  std::string withInitializers(const std::vector<std::string> &encoded) const;
};

/** A TensorProto with shape, type and name, to which the values are still to be added. */
std::string encodeTensorHead(const OnnxTensor &tensor);

/**
 * The views in the result point into `bytes`.
 * @throws std::runtime_error for bytes that are no ONNX model
 */
OnnxModel parseOnnxModel(std::string_view bytes);

}  // namespace simulator
