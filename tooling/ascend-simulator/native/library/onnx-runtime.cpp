#include "onnx-runtime.h"

#include <dlfcn.h>

#include <chrono>
#include <cstdlib>
#include <shared_mutex>
#include <stdexcept>

#include "data-types.h"
#include "settings.h"

namespace simulator {

namespace {

/** The version of the API that has every function used here. The table only ever grows. */
constexpr std::uint32_t apiVersion = 16;

/** Positions in the table of functions (OrtApi). */
enum Slot : std::size_t {
  getErrorMessage = 2,
  createEnvironment = 3,
  createSessionFromArray = 8,
  runSession = 9,
  createSessionOptions = 10,
  disableCpuMemoryArena = 19,
  setGraphOptimizationLevel = 23,
  setIntraOpThreads = 24,
  setInterOpThreads = 25,
  createTensorWithData = 49,
  createCpuMemoryInfo = 69,
  releaseStatus = 93,
  releaseSession = 95,
  releaseValue = 96,
  releaseSessionOptions = 100,
  addSessionConfigEntry = 130,
  addExternalInitializersFromFilesInMemory = 279,
};

constexpr int logLevelFatal = 4;
constexpr int deviceAllocator = 0;
constexpr int memoryTypeDefault = 0;
constexpr int allOptimizations = 99;

struct ApiBase {
  void *const *(*getApi)(std::uint32_t version);
  const char *(*versionString)();
};

/** Shared by those who compute. Never freed: threads may still wait for it when the process ends. */
std::shared_timed_mutex &computing() {
  static std::shared_timed_mutex &instance = *new std::shared_timed_mutex;
  return instance;
}

/** The runtime tears itself down when the process exits; whoever computes then would crash. */
void stopComputing() {
  constexpr std::chrono::seconds patience(5);
  (void)computing().try_lock_for(patience);
}

class Runtime {
 public:
  Runtime() {
    const std::string path = settings().onnxRuntime;
    if (path.empty()) throw std::runtime_error("WEBSSL_SIMULATOR_ONNXRUNTIME does not name libonnxruntime.");
    void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error(dlerror());
    const auto apiBase = reinterpret_cast<const ApiBase *(*)()>(dlsym(library, "OrtGetApiBase"));
    if (apiBase == nullptr) throw std::runtime_error(path + " is not ONNX Runtime.");
    table = apiBase()->getApi(apiVersion);
    if (table == nullptr) throw std::runtime_error(path + " is too old.");
    call(createEnvironment, logLevelFatal, "webssl-ascend-simulator", &environment);
    call(createCpuMemoryInfo, deviceAllocator, memoryTypeDefault, &memoryInfo);
    // After the library was loaded: so this comes before its own tearing down.
    std::atexit(stopComputing);
  }

  /** Calls a function that answers with a status. @throws std::runtime_error */
  template <typename... Arguments>
  void call(Slot slot, Arguments... arguments) const {
    void *status = reinterpret_cast<void *(*)(Arguments...)>(table[slot])(arguments...);
    if (status == nullptr) return;
    const std::string message = reinterpret_cast<const char *(*)(const void *)>(table[getErrorMessage])(status);
    release(releaseStatus, status);
    throw std::runtime_error("ONNX Runtime: " + message);
  }

  void release(Slot slot, void *thing) const { reinterpret_cast<void (*)(void *)>(table[slot])(thing); }

  void *environment = nullptr;
  void *memoryInfo = nullptr;

 private:
  void *const *table = nullptr;
};

/** Loaded with the first model, and kept: the runtime does not like to be started twice. */
const Runtime &runtime() {
  static const Runtime &instance = *new Runtime;
  return instance;
}

/** Something that the runtime made and that has to be released. */
class Owned {
 public:
  explicit Owned(Slot release) : release(release) {}
  ~Owned() {
    if (thing != nullptr) runtime().release(release, thing);
  }
  Owned(const Owned &) = delete;
  Owned &operator=(const Owned &) = delete;

  void *thing = nullptr;

 private:
  const Slot release;
};

void addFiles(void *options, const std::vector<FileInMemory> &files) {
  if (files.empty()) return;
  std::vector<const char *> names;
  std::vector<const char *> contents;
  std::vector<std::size_t> sizes;
  for (const FileInMemory &file : files) {
    names.push_back(file.name.c_str());
    contents.push_back(file.bytes);
    sizes.push_back(file.size);
  }
  runtime().call(addExternalInitializersFromFilesInMemory, options, names.data(), contents.data(), sizes.data(),
                 files.size());
}

using Values = std::vector<std::unique_ptr<Owned>>;

/** Tensors over memory that the caller owns. */
Values wrap(const std::vector<TensorView> &tensors) {
  Values values;
  for (const TensorView &tensor : tensors) {
    auto &value = values.emplace_back(std::make_unique<Owned>(releaseValue));
    runtime().call(createTensorWithData, runtime().memoryInfo, tensor.bytes, tensor.size, tensor.dims.data(),
                   tensor.dims.size(), toOnnxType(tensor.type), &value->thing);
  }
  return values;
}

std::vector<void *> things(const Values &values) {
  std::vector<void *> all;
  for (const auto &value : values) all.push_back(value->thing);
  return all;
}

std::vector<const char *> namesOf(const std::vector<TensorView> &tensors) {
  std::vector<const char *> names;
  for (const TensorView &tensor : tensors) names.push_back(tensor.name);
  return names;
}

}  // namespace

OnnxSession::OnnxSession(const std::string &model, const std::string &weights, const std::vector<FileInMemory> &files) {
  Owned options(releaseSessionOptions);
  runtime().call(createSessionOptions, &options.thing);
  runtime().call(setIntraOpThreads, options.thing, 1);
  runtime().call(setInterOpThreads, options.thing, 1);
  runtime().call(setGraphOptimizationLevel, options.thing, allOptimizations);
  runtime().call(disableCpuMemoryArena, options.thing);
  if (!weights.empty()) {
    runtime().call(addSessionConfigEntry, options.thing, "session.model_external_initializers_file_folder_path",
                   weights.c_str());
  }
  addFiles(options.thing, files);
  runtime().call(createSessionFromArray, runtime().environment, model.data(), model.size(), options.thing, &session);
}

OnnxSession::~OnnxSession() { runtime().release(releaseSession, session); }

void OnnxSession::run(const std::vector<TensorView> &inputs, const std::vector<TensorView> &outputs) const {
  const std::shared_lock lock(computing());
  const Values inputValues = wrap(inputs);
  const Values outputValues = wrap(outputs);
  std::vector<void *> results = things(outputValues);
  const void *const noOptions = nullptr;
  runtime().call(runSession, session, noOptions, namesOf(inputs).data(), things(inputValues).data(), inputs.size(),
                 namesOf(outputs).data(), outputs.size(), results.data());
}

}  // namespace simulator
