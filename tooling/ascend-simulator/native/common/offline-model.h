// The simulated offline model (.om). Its header is the documented ModelFileHeader of 256 bytes; what follows is the
// simulator's own: a signature, a description in lines of text, and the ONNX model that `atc` was given.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "ascendcl.h"

namespace simulator {

struct TensorDescription {
  /** As a description tells it. An output is named `<node>:<output of the node>:<tensor>`. */
  std::string name;
  /** As the ONNX model calls it. */
  std::string tensor;
  aclDataType type = ACL_DT_UNDEFINED;
  aclFormat format = ACL_FORMAT_ND;
  /** The first is -1 where the batch is dynamic. */
  std::vector<std::int64_t> dims;

  /** Bytes of a batch; of the tensor as it is where its batch is not dynamic. */
  std::size_t bytes(std::int64_t batch) const;
  bool isDynamic() const { return !dims.empty() && dims.front() < 0; }
};

struct OfflineModel {
  std::string soc;
  std::string precision;
  /** Batch sizes in the order given to `atc`; empty for a static model. */
  std::vector<std::uint64_t> gears;
  /** The ONNX graph takes any batch: images are computed one by one. */
  bool isSliced = false;
  /** Weights lie in files of the folder `weight` beside the offline model. */
  bool hasExternalWeights = false;
  std::uint64_t weightBytes = 0;
  std::vector<TensorDescription> inputs;
  std::vector<TensorDescription> outputs;
  std::string onnx;

  /** The inputs, and with gears the one at the end that carries the batch size. */
  std::vector<TensorDescription> inputsWithBatchSize() const;
  /** The gear that memory is planned for; for a static model its batch, 1 where no tensor has one. */
  std::int64_t largestBatch() const;
  /** Bytes of everything that passes through the device during an execution of the largest batch. */
  std::uint64_t workBytes() const;
};

/** An offline model that cannot be loaded. `code` is what AscendCL answers. */
class OfflineModelError : public std::runtime_error {
 public:
  OfflineModelError(int code, const std::string &message) : std::runtime_error(message), code(code) {}
  const int code;
};

std::string serializeOfflineModel(const OfflineModel &model, const std::string &name);

/** @throws OfflineModelError 145006 for a header that does not hold, 500002 for a payload of another compiler */
OfflineModel parseOfflineModel(std::string_view file);

}  // namespace simulator
