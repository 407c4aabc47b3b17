#include "datasets.h"

#include <memory>

#include "answer.h"
#include "error-codes.h"
#include "handle-table.h"

namespace simulator {

namespace {

struct Buffer {
  std::mutex mutex;
  BufferRange range;
};

struct Dataset {
  std::mutex mutex;
  std::vector<aclDataBuffer *> buffers;
};

HandleTable<Buffer> &bufferTable() {
  static HandleTable<Buffer> &table = *new HandleTable<Buffer>;
  return table;
}

HandleTable<Dataset> &datasetTable() {
  static HandleTable<Dataset> &table = *new HandleTable<Dataset>;
  return table;
}

[[noreturn]] void refuseHandle(const char *kind) {
  throw Refusal(code::invalidParameter, std::string("This is not a living ") + kind + ".");
}

std::shared_ptr<Buffer> findBuffer(const aclDataBuffer *handle) {
  auto buffer = bufferTable().find(handle);
  if (!buffer) refuseHandle("data buffer");
  return buffer;
}

std::shared_ptr<Dataset> findDataset(const aclmdlDataset *handle) {
  auto dataset = datasetTable().find(handle);
  if (!dataset) refuseHandle("data set");
  return dataset;
}

}  // namespace

aclDataBuffer *createBuffer(BufferRange range) {
  auto buffer = std::make_shared<Buffer>();
  buffer->range = range;
  return static_cast<aclDataBuffer *>(bufferTable().add(buffer));
}

void destroyBuffer(const aclDataBuffer *handle) {
  if (!bufferTable().remove(handle)) refuseHandle("data buffer");
}

BufferRange bufferRange(const aclDataBuffer *handle) {
  const auto buffer = findBuffer(handle);
  const std::lock_guard lock(buffer->mutex);
  return buffer->range;
}

void updateBuffer(const aclDataBuffer *handle, BufferRange range) {
  const auto buffer = findBuffer(handle);
  const std::lock_guard lock(buffer->mutex);
  buffer->range = range;
}

std::uint64_t openBuffers() { return bufferTable().size(); }

aclmdlDataset *createDataset() { return static_cast<aclmdlDataset *>(datasetTable().add(std::make_shared<Dataset>())); }

void destroyDataset(const aclmdlDataset *handle) {
  if (!datasetTable().remove(handle)) refuseHandle("data set");
}

void addBuffer(const aclmdlDataset *handle, aclDataBuffer *buffer) {
  findBuffer(buffer);
  const auto dataset = findDataset(handle);
  const std::lock_guard lock(dataset->mutex);
  dataset->buffers.push_back(buffer);
}

std::vector<aclDataBuffer *> buffersOf(const aclmdlDataset *handle) {
  const auto dataset = findDataset(handle);
  const std::lock_guard lock(dataset->mutex);
  return dataset->buffers;
}

std::uint64_t openDatasets() { return datasetTable().size(); }

}  // namespace simulator
