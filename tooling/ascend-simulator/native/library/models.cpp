#include "models.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "answer.h"
#include "error-codes.h"
#include "settings.h"

namespace simulator {

namespace {

struct ModelTable {
  std::mutex mutex;
  std::uint32_t lastId = 0;
  std::map<std::uint32_t, std::shared_ptr<Model>> living;
};

ModelTable &models() {
  static ModelTable &instance = *new ModelTable;
  return instance;
}

/** Checks memory that was brought along. Gives the bytes that the library has to take itself. */
std::size_t bytesToTake(const DeviceMemory &memory, const BroughtMemory &brought, std::uint64_t needed) {
  if (brought.address == nullptr) return needed;
  if (brought.size < needed || memory.find(brought.address, brought.size) == nullptr) {
    // Plausible code: the documents only say that the memory must be large enough.
    throw Refusal(code::rtParameterInvalid, "The memory that was brought along is not device memory of at least " +
                                                std::to_string(needed) + " bytes.");
  }
  return 0;
}

std::vector<FileInMemory> filesInMemory(const DeviceMemory &memory, const LoadRequest &request) {
  std::vector<FileInMemory> files;
  for (const auto &[name, brought] : request.weightFiles) {
    const std::byte *bytes = memory.find(brought.address, brought.size);
    if (bytes == nullptr) {
      throw Refusal(code::rtParameterInvalid, "The weights of " + name + " do not lie in device memory.");
    }
    files.push_back({name, reinterpret_cast<const char *>(bytes), brought.size});
  }
  return files;
}

std::unique_ptr<const OnnxSession> openSession(const OfflineModel &offline, const DeviceMemory &memory,
                                               const LoadRequest &request) {
  if (settings().isComputationStubbed) return nullptr;
  try {
    return std::make_unique<const OnnxSession>(offline.onnx, request.weightFolder, filesInMemory(memory, request));
  } catch (const std::runtime_error &failure) {
    // Weights that are missing beside the model end here too. Plausible code: what the graph engine gives for an
    // error of its own.
    throw Refusal(code::geFailure, failure.what());
  }
}

}  // namespace

Model::Model(const std::shared_ptr<Context> &context, const LoadRequest &request)
    : context(context), offline(readOfflineModel(request.file)) {
  if (offline.soc != settings().soc) {
    throw Refusal(code::rtSocVersion,
                  "The offline model is for " + offline.soc + ", the device is " + settings().soc + ".");
  }
  DeviceMemory &memory = context->device->memory;
  const std::size_t bytes = bytesToTake(memory, request.work, offline.workBytes()) +
                            bytesToTake(memory, request.weights, offline.weightBytes);
  session = openSession(offline, memory, request);
  std::string().swap(offline.onnx);
  try {
    memory.take(bytes);
  } catch (const Refusal &refusal) {
    // Plausible: the graph engine has a code of its own for this.
    throw Refusal(code::geMemoryAllocation, refusal.what());
  }
  takenBytes = bytes;
}

Model::~Model() { context->device->memory.giveBack(takenBytes); }

void Model::beginExecution(const void *stream) {
  const std::lock_guard lock(mutex);
  if (executions > 0 && executingStream != stream) {
    throw Refusal(code::geFailure, "The model is executing on another stream: load it again for each stream.");
  }
  executions += 1;
  executingStream = stream;
}

void Model::endExecution() {
  const std::lock_guard lock(mutex);
  executions -= 1;
}

bool Model::isExecuting() {
  const std::lock_guard lock(mutex);
  return executions > 0;
}

std::int64_t Model::currentBatch() const {
  const std::uint64_t chosen = batch;
  return chosen == 0 ? offline.largestBatch() : static_cast<std::int64_t>(chosen);
}

std::string readModelFile(const char *path) {
  std::error_code failure;
  std::ifstream file;
  if (std::filesystem::is_regular_file(path, failure)) file.open(path, std::ios::binary);
  if (!file.is_open()) throw Refusal(code::geModelPathInvalid, std::string(path) + " cannot be read.");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

OfflineModel readOfflineModel(const std::string &file) {
  try {
    return parseOfflineModel(file);
  } catch (const OfflineModelError &error) {
    throw Refusal(error.code, error.what());
  }
}

std::string weightFolderOf(const char *path) {
  return (std::filesystem::canonical(path).parent_path() / "weight").string();
}

std::uint32_t loadModel(const LoadRequest &request) {
  const auto model = std::make_shared<Model>(workingContext(), request);
  const std::lock_guard lock(models().mutex);
  const std::uint32_t id = ++models().lastId;
  models().living.emplace(id, model);
  return id;
}

void unloadModel(std::uint32_t id) {
  const auto context = currentContext();
  const auto model = findModel(id);
  if (model->context != context) throw Refusal(code::rtModelContext, "The model was loaded in another context.");
  // Plausible code: unloading a model that executes is undefined in the documents.
  if (model->isExecuting()) throw Refusal(code::geUnloadModel, "The model is still executing.");
  const std::lock_guard lock(models().mutex);
  models().living.erase(id);
}

std::shared_ptr<Model> findModel(std::uint32_t id) {
  const std::lock_guard lock(models().mutex);
  const auto found = models().living.find(id);
  if (found == models().living.end()) {
    throw Refusal(code::geModelIdInvalid, "No model has the id " + std::to_string(id) + ".");
  }
  return found->second;
}

std::shared_ptr<Model> findModelOfCurrentContext(std::uint32_t id) {
  const auto context = workingContext();
  auto model = findModel(id);
  if (model->context != context) throw Refusal(code::rtModelContext, "The model was loaded in another context.");
  return model;
}

std::uint64_t openModels() {
  const std::lock_guard lock(models().mutex);
  return models().living.size();
}

}  // namespace simulator
