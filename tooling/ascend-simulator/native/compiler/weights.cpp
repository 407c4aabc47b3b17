#include "weights.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <set>

#include "compiler-error.h"
#include "data-types.h"
#include "number-formats.h"
#include "onnx-fields.h"
#include "protobuf.h"

namespace simulator {

namespace {

namespace fs = std::filesystem;

constexpr float wrongFactor = 1.5F;
/** A ProtoBuf message ends at 2 GiB. */
constexpr std::uint64_t largestInlineWeights = (2ULL << 30) - (1 << 20);

std::uint64_t number(const OnnxTensor &tensor, const std::string &key, std::uint64_t fallback) {
  const auto found = tensor.external.find(key);
  if (found == tensor.external.end()) return fallback;
  try {
    return std::stoull(found->second);
  } catch (const std::exception &) {
    throw CompilerError("E10041", "The external data of '" + tensor.name + "' has " + key + "=" + found->second + ".");
  }
}

/** The real compiler takes every key but location and offset for the length: a checksum makes it fail. */
void checkKeys(const OnnxTensor &tensor) {
  for (const auto &[key, value] : tensor.external) {
    if (key == "location" || key == "offset" || key == "length") continue;
    throw CompilerError("E10041", "The external data of '" + tensor.name + "' has the key " + key +
                                      "; only location, offset and length can be read.");
  }
}

std::string readExternal(const OnnxTensor &tensor, const fs::path &modelFile, std::uint64_t bytes) {
  checkKeys(tensor);
  const auto location = tensor.external.find("location");
  if (location == tensor.external.end() || location->second.empty()) {
    throw CompilerError("E10041", "The external data of '" + tensor.name + "' has no location.");
  }
  if (location->second.front() == '/') {
    throw CompilerError("E10041", "The external data of '" + tensor.name + "' has an absolute location.");
  }
  if (number(tensor, "length", bytes) != bytes) {
    throw CompilerError("E10041", "The external data of '" + tensor.name + "' is " +
                                      std::to_string(number(tensor, "length", bytes)) +
                                      " bytes long, its shape needs " + std::to_string(bytes) + ".");
  }
  const fs::path path = modelFile.parent_path() / location->second;
  std::ifstream file(path, std::ios::binary);
  std::string data(bytes, '\0');
  file.seekg(static_cast<std::streamoff>(number(tensor, "offset", 0)));
  if (!file.read(data.data(), static_cast<std::streamsize>(bytes))) {
    throw CompilerError("E10041", "The weights of '" + tensor.name + "' cannot be read from " + path.string() + ".");
  }
  return data;
}

/** The values of a tensor that lie in the model itself, as raw bytes; only float32 is ever asked for. */
std::string readInline(const OnnxTensor &tensor) {
  std::string data;
  forEachField(tensor.encoded, [&](const ProtobufField &field) {
    if (field.number == onnx::tensor::rawData) data.assign(field.bytes);
    if (field.number != onnx::tensor::floatData) return;
    if (field.bytes.data() != nullptr) {
      data.append(field.bytes);  // packed: little-endian floats
    } else {
      const auto bits = static_cast<std::uint32_t>(field.value);
      data.append(reinterpret_cast<const char *>(&bits), sizeof bits);
    }
  });
  return data;
}

/** The inputs of matrix products: what mixed precision computes in float16. */
std::set<std::string> matrixOperands(const OnnxModel &source) {
  std::set<std::string> names;
  for (const OnnxNode &node : source.nodes) {
    if (node.operatorType != "MatMul" && node.operatorType != "Gemm") continue;
    for (std::size_t index = 0; index < std::min<std::size_t>(2, node.inputs.size()); ++index) {
      names.insert(node.inputs[index]);
    }
  }
  return names;
}

void alter(std::string &data, const OnnxTensor &tensor, const WeightRules &rules, bool isMatrixOperand) {
  const std::size_t count = data.size() / sizeof(float);
  if (!rules.wrongWeights.empty() && tensor.name.find(rules.wrongWeights) != std::string::npos) {
    scaleFloats(data.data(), count, wrongFactor);
  }
  const bool isRounded =
      rules.precision == Precision::float16 || (rules.precision == Precision::mixedFloat16 && isMatrixOperand);
  if (isRounded) roundFloats(data.data(), count, Rounding::float16);
}

std::string encodeEntry(std::string_view key, std::string_view value) {
  std::string entry;
  writeBytes(entry, onnx::entry::key, key);
  writeBytes(entry, onnx::entry::value, value);
  return entry;
}

/** FNV-1a of 64 bits: two models in one folder must not overwrite each other's weights. */
std::string contentHash(const std::string &data) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : data) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

void writeFile(const fs::path &path, const std::string &data) {
  std::ofstream file(path, std::ios::binary);
  if (!file.write(data.data(), static_cast<std::streamsize>(data.size())).flush()) {
    throw CompilerError("E19999", "The file " + path.string() + " cannot be written.");
  }
}

}  // namespace

void packWeights(const OnnxModel &source, const fs::path &modelFile, const WeightRules &rules, OfflineModel &target) {
  const std::set<std::string> operands = matrixOperands(source);
  target.hasExternalWeights = !rules.folder.empty();
  if (target.hasExternalWeights) fs::create_directories(rules.folder);
  std::vector<std::string> encoded;
  for (const OnnxTensor &tensor : source.initializers) {
    const std::uint64_t bytes = tensor.elements() * elementSize(fromOnnxType(tensor.elementType));
    target.weightBytes += bytes;
    const bool isFloat = tensor.elementType == onnx::float32;
    if (!tensor.isExternal && !isFloat) {
      encoded.emplace_back(tensor.encoded);
      continue;
    }
    std::string data = tensor.isExternal ? readExternal(tensor, modelFile, bytes) : readInline(tensor);
    if (isFloat) alter(data, tensor, rules, operands.count(tensor.name) > 0);
    std::string copy = encodeTensorHead(tensor);
    // Scalars stay in the graph: the runtime needs some of them before it reads any file.
    if (target.hasExternalWeights && !tensor.dims.empty()) {
      const std::string name = "weight_" + contentHash(data);
      writeFile(rules.folder / name, data);
      writeBytes(copy, onnx::tensor::externalData, encodeEntry("location", name));
      writeBytes(copy, onnx::tensor::externalData, encodeEntry("length", std::to_string(data.size())));
      writeInteger(copy, onnx::tensor::dataLocation, onnx::external);
    } else {
      if (target.weightBytes > largestInlineWeights) {
        throw CompilerError("E19999",
                            "The simulator packs at most 2 GiB of weights into an offline model: "
                            "use --external_weight=1.");
      }
      writeBytes(copy, onnx::tensor::rawData, data);
    }
    encoded.push_back(std::move(copy));
  }
  target.onnx = source.withInitializers(encoded);
}

}  // namespace simulator
