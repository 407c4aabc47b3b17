// Which graphs the provider takes whole, and what becomes of them.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "../compiler/onnx-model.h"

namespace simulator {

/** Weight files in memory, by the name that the graph gives them. */
struct FileInMemory {
  const char *bytes;
  std::size_t length;
};
using FilesInMemory = std::map<std::string, FileInMemory>;

/** Whether some operator would be left to the CPU. */
bool leavesOperators(const OnnxModel &model, int optimizationLevel);

/** Whether every weight is in the model or in memory: those in files do not reach CANN. */
bool hasEveryWeight(const OnnxModel &model, const FilesInMemory &files);

/** Bytes of the message in which the graph is handed to CANN, weights included. */
std::uint64_t messageBytes(std::size_t modelBytes, const OnnxModel &model);

/** Tells graphs apart by the names in them, as the provider does to name its files: the weights do not count. */
std::uint64_t hashOfNames(const OnnxModel &model);

/** Tells models apart by everything. Of weight files the first megabyte counts. */
std::uint64_t hashOfAll(const std::string &model, const FilesInMemory &files);

std::uint64_t hashOfText(const std::string &text, std::uint64_t start = 14695981039346656037ULL);

}  // namespace simulator
