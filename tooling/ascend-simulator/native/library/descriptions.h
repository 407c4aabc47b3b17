// Model descriptions: what `aclmdlGetDesc` tells of a model.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ascendcl.h"
#include "models.h"

namespace simulator {

struct DescribedTensor {
  /** At most 127 characters: longer names are replaced. */
  std::string name;
  TensorDescription tensor;
};

struct Description {
  std::vector<DescribedTensor> inputs;
  std::vector<DescribedTensor> outputs;
  std::vector<std::uint64_t> gears;
  std::int64_t largestBatch = 0;
  /** Empty for a description from a file. */
  std::weak_ptr<Model> model;

  /** The batch of the current output dimensions. */
  std::int64_t currentBatch() const;
};

aclmdlDesc *createDescription();
void destroyDescription(const aclmdlDesc *handle);
void describeModel(const aclmdlDesc *handle, std::uint32_t model);
void describeFile(const aclmdlDesc *handle, const char *path);
/** @throws Refusal 100000 where the handle is NULL or was destroyed */
std::shared_ptr<const Description> findDescription(const aclmdlDesc *handle);
std::uint64_t openDescriptions();

}  // namespace simulator
