#include "descriptions.h"

#include "answer.h"
#include "error-codes.h"
#include "handle-table.h"

namespace simulator {

namespace {

constexpr std::size_t longestName = 127;

HandleTable<Description> &descriptions() {
  static HandleTable<Description> &table = *new HandleTable<Description>;
  return table;
}

std::vector<DescribedTensor> describe(const std::vector<TensorDescription> &tensors, const char *role,
                                      std::uint32_t model) {
  std::vector<DescribedTensor> described;
  for (const TensorDescription &tensor : tensors) {
    std::string name = tensor.name;
    if (name.size() > longestName) {
      name = "acl_modelId_" + std::to_string(model) + "_" + role + "_" + std::to_string(described.size()) + "_0";
    }
    described.push_back({name, tensor});
  }
  return described;
}

void fill(const aclmdlDesc *handle, const OfflineModel &offline, std::uint32_t id, const std::weak_ptr<Model> &model) {
  const auto description = descriptions().find(handle);
  if (!description) throw Refusal(code::invalidParameter, "This is not a living description.");
  description->inputs = describe(offline.inputsWithBatchSize(), "input", id);
  description->outputs = describe(offline.outputs, "output", id);
  description->gears = offline.gears;
  description->largestBatch = offline.largestBatch();
  description->model = model;
}

}  // namespace

std::int64_t Description::currentBatch() const {
  const auto described = model.lock();
  return described ? described->currentBatch() : largestBatch;
}

aclmdlDesc *createDescription() {
  return static_cast<aclmdlDesc *>(descriptions().add(std::make_shared<Description>()));
}

void destroyDescription(const aclmdlDesc *handle) {
  if (!descriptions().remove(handle)) throw Refusal(code::invalidParameter, "This is not a living description.");
}

void describeModel(const aclmdlDesc *handle, std::uint32_t id) {
  const auto model = findModel(id);
  fill(handle, model->offline, id, model);
}

void describeFile(const aclmdlDesc *handle, const char *path) {
  fill(handle, readOfflineModel(readModelFile(path)), 0, {});
}

std::shared_ptr<const Description> findDescription(const aclmdlDesc *handle) {
  auto description = descriptions().find(handle);
  if (!description) throw Refusal(code::invalidParameter, "This is not a living description.");
  return description;
}

std::uint64_t openDescriptions() { return descriptions().size(); }

}  // namespace simulator
