#include "wrong-weights.h"

#include <cstdlib>
#include <vector>

#include "../common/environment.h"
#include "../common/number-formats.h"
#include "../compiler/onnx-fields.h"
#include "../compiler/protobuf.h"

namespace simulator {

namespace {

constexpr float wrongFactor = 1.5F;

/** A number of the external data; 0 where it is not given. */
std::size_t number(const OnnxTensor &tensor, const char *key) {
  const auto found = tensor.external.find(key);
  return found == tensor.external.end() ? 0 : std::strtoull(found->second.c_str(), nullptr, 10);
}

/** A weight as a part of the model, with its wrong values; as it is where it lies in no file that was handed over. */
std::string wrongTensor(const OnnxTensor &tensor, const FilesInMemory &files) {
  const auto location = tensor.external.find("location");
  const auto file = location == tensor.external.end() ? files.end() : files.find(location->second);
  const std::size_t offset = number(tensor, "offset");
  const std::size_t length = number(tensor, "length");
  if (file == files.end() || offset + length > file->second.length) return std::string(tensor.encoded);
  std::string values(file->second.bytes + offset, length);
  scaleFloats(values.data(), length / sizeof(float), wrongFactor);
  std::string encoded = encodeTensorHead(tensor);
  writeBytes(encoded, onnx::tensor::rawData, values);
  return encoded;
}

}  // namespace

std::string withWrongWeights(const std::string &bytes, const OnnxModel &model, const FilesInMemory &files) {
  const std::string part = environmentValue("PROVIDER_WRONG_WEIGHTS");
  if (part.empty()) return bytes;
  std::vector<std::string> initializers;
  for (const OnnxTensor &tensor : model.initializers) {
    const bool isWrong =
        tensor.isExternal && tensor.elementType == onnx::float32 && tensor.name.find(part) != std::string::npos;
    initializers.push_back(isWrong ? wrongTensor(tensor, files) : std::string(tensor.encoded));
  }
  return model.withInitializers(initializers);
}

}  // namespace simulator
