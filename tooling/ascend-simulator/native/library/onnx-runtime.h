// Sessions of ONNX Runtime, through its C API: the "computing units" of a simulated device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ascendcl.h"

namespace simulator {

/** A file of external data that is in memory already. */
struct FileInMemory {
  std::string name;
  const char *bytes;
  std::size_t size;
};

struct TensorView {
  const char *name;
  void *bytes;
  std::size_t size;
  aclDataType type;
  std::vector<std::int64_t> dims;
};

class OnnxSession {
 public:
  /**
   * @param weights the folder that external data is relative to
   * @throws std::runtime_error with the runtime's message
   */
  OnnxSession(const std::string &model, const std::string &weights, const std::vector<FileInMemory> &files);
  ~OnnxSession();
  OnnxSession(const OnnxSession &) = delete;
  OnnxSession &operator=(const OnnxSession &) = delete;

  /** Writes to the memory of the outputs. One call at a time. @throws std::runtime_error with the runtime's message */
  void run(const std::vector<TensorView> &inputs, const std::vector<TensorView> &outputs) const;

 private:
  void *session = nullptr;
};

}  // namespace simulator
