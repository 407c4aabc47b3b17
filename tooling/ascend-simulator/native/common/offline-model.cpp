#include "offline-model.h"

#include <algorithm>
#include <cstring>
#include <sstream>

#include "data-types.h"
#include "error-codes.h"

namespace simulator {

namespace {

constexpr std::size_t headerBytes = 256;
constexpr std::uint32_t magic = 0x444F4D49;  // "IMOD"
constexpr std::string_view signature = "webssl-ascend-simulator-1\n";
constexpr std::string_view endOfDescription = "onnx\n";

// Offsets in the header that are filled or checked.
constexpr std::size_t headerSizeOffset = 4;
constexpr std::size_t lengthOffset = 76;
constexpr std::size_t nameOffset = 84;
constexpr std::size_t nameBytes = 32;
constexpr std::size_t longLengthOffset = 184;

template <typename Number>
void put(std::string &bytes, std::size_t offset, Number value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

template <typename Number>
Number get(std::string_view bytes, std::size_t offset) {
  Number value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::string header(std::uint64_t payloadBytes, const std::string &name) {
  std::string bytes(headerBytes, '\0');
  put(bytes, 0, magic);
  put(bytes, headerSizeOffset, static_cast<std::uint32_t>(headerBytes));
  put(bytes, lengthOffset, static_cast<std::uint32_t>(payloadBytes));
  std::memcpy(bytes.data() + nameOffset, name.data(), std::min(name.size(), nameBytes - 1));
  put(bytes, longLengthOffset, payloadBytes);
  return bytes;
}

void checkHeader(std::string_view file) {
  const auto refuse = [](const std::string &reason) {
    throw OfflineModelError(code::geModelDataSizeInvalid, "The offline model is damaged: " + reason + ".");
  };
  if (file.size() < headerBytes) refuse("it is shorter than its header of 256 bytes");
  if (get<std::uint32_t>(file, 0) != magic) refuse("it does not begin with IMOD");
  const auto longLength = get<std::uint64_t>(file, longLengthOffset);
  const std::uint64_t length = longLength != 0 ? longLength : get<std::uint32_t>(file, lengthOffset);
  if (length != file.size() - headerBytes) {
    refuse("its header promises " + std::to_string(length) + " bytes, " + std::to_string(file.size() - headerBytes) +
           " follow");
  }
}

void writeTensor(std::ostream &text, const char *role, const TensorDescription &tensor) {
  text << role << '\t' << tensor.name << '\t' << tensor.tensor << '\t' << tensor.type << '\t' << tensor.format;
  for (const std::int64_t dimension : tensor.dims) text << '\t' << dimension;
  text << '\n';
}

std::vector<std::string> split(const std::string &line) {
  std::vector<std::string> parts;
  std::istringstream stream(line);
  for (std::string part; std::getline(stream, part, '\t');) parts.push_back(part);
  return parts;
}

TensorDescription readTensor(const std::vector<std::string> &parts) {
  TensorDescription tensor;
  tensor.name = parts.at(1);
  tensor.tensor = parts.at(2);
  tensor.type = static_cast<aclDataType>(std::stoi(parts.at(3)));
  tensor.format = static_cast<aclFormat>(std::stoi(parts.at(4)));
  for (std::size_t index = 5; index < parts.size(); ++index) tensor.dims.push_back(std::stoll(parts[index]));
  return tensor;
}

void readLine(OfflineModel &model, const std::vector<std::string> &parts) {
  const std::string &key = parts.at(0);
  if (key == "soc")
    model.soc = parts.at(1);
  else if (key == "precision")
    model.precision = parts.at(1);
  else if (key == "gear")
    model.gears.push_back(std::stoull(parts.at(1)));
  else if (key == "sliced")
    model.isSliced = parts.at(1) == "1";
  else if (key == "external")
    model.hasExternalWeights = parts.at(1) == "1";
  else if (key == "weights")
    model.weightBytes = std::stoull(parts.at(1));
  else if (key == "input")
    model.inputs.push_back(readTensor(parts));
  else if (key == "output")
    model.outputs.push_back(readTensor(parts));
}

}  // namespace

std::size_t TensorDescription::bytes(std::int64_t batch) const {
  std::size_t elements = 1;
  for (const std::int64_t dimension : dims) {
    elements *= static_cast<std::size_t>(dimension < 0 ? batch : dimension);
  }
  return elements * elementSize(type);
}

std::vector<TensorDescription> OfflineModel::inputsWithBatchSize() const {
  std::vector<TensorDescription> all = inputs;
  if (!gears.empty()) {
    all.push_back({ACL_DYNAMIC_TENSOR_NAME, ACL_DYNAMIC_TENSOR_NAME, ACL_INT64, ACL_FORMAT_ND, {1}});
  }
  return all;
}

std::int64_t OfflineModel::largestBatch() const {
  if (!gears.empty()) return static_cast<std::int64_t>(*std::max_element(gears.begin(), gears.end()));
  return inputs.empty() || inputs.front().dims.empty() ? 1 : inputs.front().dims.front();
}

std::uint64_t OfflineModel::workBytes() const {
  std::uint64_t bytes = 0;
  for (const TensorDescription &tensor : inputs) bytes += tensor.bytes(largestBatch());
  for (const TensorDescription &tensor : outputs) bytes += tensor.bytes(largestBatch());
  return bytes;
}

std::string serializeOfflineModel(const OfflineModel &model, const std::string &name) {
  std::ostringstream text;
  text << signature << "soc\t" << model.soc << "\nprecision\t" << model.precision << "\nsliced\t" << model.isSliced
       << "\nexternal\t" << model.hasExternalWeights << "\nweights\t" << model.weightBytes << '\n';
  for (const std::uint64_t gear : model.gears) text << "gear\t" << gear << '\n';
  for (const TensorDescription &input : model.inputs) writeTensor(text, "input", input);
  for (const TensorDescription &output : model.outputs) writeTensor(text, "output", output);
  text << endOfDescription;
  const std::string description = text.str();
  return header(description.size() + model.onnx.size(), name) + description + model.onnx;
}

OfflineModel parseOfflineModel(std::string_view file) {
  checkHeader(file);
  std::string_view rest = file.substr(headerBytes);
  if (rest.substr(0, signature.size()) != signature) {
    throw OfflineModelError(code::geFailure,
                            "This offline model was not compiled by the simulator's atc: it cannot run here.");
  }
  rest.remove_prefix(signature.size());
  OfflineModel model;
  while (rest.substr(0, endOfDescription.size()) != endOfDescription) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) {
      throw OfflineModelError(code::geFailure, "The description in the simulated offline model has no end.");
    }
    readLine(model, split(std::string(rest.substr(0, end))));
    rest.remove_prefix(end + 1);
  }
  model.onnx = std::string(rest.substr(endOfDescription.size()));
  return model;
}

}  // namespace simulator
