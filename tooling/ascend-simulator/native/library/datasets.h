// Data buffers and data sets: descriptions of memory that they do not own.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "ascendcl.h"

namespace simulator {

struct BufferRange {
  void *address;
  std::size_t size;
};

aclDataBuffer *createBuffer(BufferRange range);
void destroyBuffer(const aclDataBuffer *handle);
/** @throws Refusal 100000 where the handle is NULL or was destroyed */
BufferRange bufferRange(const aclDataBuffer *handle);
void updateBuffer(const aclDataBuffer *handle, BufferRange range);
std::uint64_t openBuffers();

aclmdlDataset *createDataset();
void destroyDataset(const aclmdlDataset *handle);
void addBuffer(const aclmdlDataset *handle, aclDataBuffer *buffer);
/** In the order in which they were added. @throws Refusal 100000 where the handle is NULL or was destroyed */
std::vector<aclDataBuffer *> buffersOf(const aclmdlDataset *handle);
std::uint64_t openDatasets();

}  // namespace simulator
