// Loaded offline models.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "contexts.h"
#include "offline-model.h"
#include "onnx-runtime.h"

namespace simulator {

/** Memory that the caller of a load brings along. NULL: the library takes its own. */
struct BroughtMemory {
  const void *address = nullptr;
  std::size_t size = 0;
};

/** Weights of one file of the folder `weight` that are in device memory already. */
struct BroughtWeights {
  std::string fileName;
  BroughtMemory memory;
};

struct LoadRequest {
  /** The whole file. */
  std::string file;
  /** Where the weights lie; empty where nothing is known, as for a model from memory. */
  std::string weightFolder;
  BroughtMemory work;
  BroughtMemory weights;
  std::vector<BroughtWeights> weightFiles;
};

class Model {
 public:
  /** @throws Refusal for a file that is no offline model of this SoC, and when the device has no room */
  Model(const std::shared_ptr<Context> &context, const LoadRequest &request);
  ~Model();
  Model(const Model &) = delete;
  Model &operator=(const Model &) = delete;

  const std::shared_ptr<Context> context;
  /** Without its ONNX bytes, which are dropped once the session is open. */
  OfflineModel offline;
  /** Empty where computation is stubbed. */
  std::unique_ptr<const OnnxSession> session;

  /** @throws Refusal 500002 while another stream executes it: they would overwrite each other's memory */
  void beginExecution(const void *stream);
  void endExecution();
  bool isExecuting();

  /** The gear that was chosen last; 0: none yet. */
  std::atomic<std::uint64_t> batch{0};
  /** The batch that current output dimensions are those of. */
  std::int64_t currentBatch() const;

 private:
  std::size_t takenBytes = 0;
  std::mutex mutex;
  std::uint64_t executions = 0;
  const void *executingStream = nullptr;
};

/** @throws Refusal 145002 where it cannot be read */
std::string readModelFile(const char *path);
/** Reads a header and a description. @throws Refusal 145006 */
OfflineModel readOfflineModel(const std::string &file);
/** `weight` beside the model. */
std::string weightFolderOf(const char *path);

std::uint32_t loadModel(const LoadRequest &request);
void unloadModel(std::uint32_t id);
/** @throws Refusal 145003 */
std::shared_ptr<Model> findModel(std::uint32_t id);
/** @throws Refusal 145003, 107004 where the current context is another one than the model was loaded in */
std::shared_ptr<Model> findModelOfCurrentContext(std::uint32_t id);
std::uint64_t openModels();

}  // namespace simulator
