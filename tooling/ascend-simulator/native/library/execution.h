// Executing models.
#pragma once

#include <cstdint>

#include "ascendcl.h"

namespace simulator {

/** Chooses the gear of the next executions, and writes it into the device memory of the batch size input. */
void setDynamicBatchSize(std::uint32_t model, const aclmdlDataset *dataset, std::size_t index, std::uint64_t batch);

void executeNow(std::uint32_t model, const aclmdlDataset *input, const aclmdlDataset *output, const void *stream);
void executeLater(std::uint32_t model, const aclmdlDataset *input, const aclmdlDataset *output, const void *stream);

}  // namespace simulator
