#include "sessions.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <vector>

#include "cann-failure.h"
#include "graph-rules.h"
#include "offline-models.h"
#include "provider-options.h"
#include "wrong-weights.h"

namespace simulator {

namespace {

using runtime::makeStatus;
using runtime::Status;
using runtime::stock;

/** What was said of an OrtSessionOptions that the stock library need not or must not hear. */
struct SessionOptions {
  std::optional<ProviderOptions> cann;
  FilesInMemory files;
  int optimizationLevel = 99;
  bool refusesFallback = false;
};

/** A session whose graph is computed by CANN. */
struct CannSession {
  CannGraph graph;
  std::map<std::string, OfflineModelFor> models;
};

std::mutex mutex;
std::map<const void *, SessionOptions> options;
std::map<const void *, std::shared_ptr<CannSession>> sessions;

SessionOptions optionsOf(const void *handle) {
  const std::lock_guard lock(mutex);
  const auto found = options.find(handle);
  return found == options.end() ? SessionOptions{} : found->second;
}

template <typename Change>
void changeOptions(const void *handle, Change change) {
  const std::lock_guard lock(mutex);
  change(options[handle]);
}

Status createCannOptions(ProviderOptions **made) {
  *made = new ProviderOptions;
  return nullptr;
}

Status updateCannOptions(ProviderOptions *provider, const char *const *keys, const char *const *values,
                         std::size_t count) {
  const auto problem = readProviderOptions(keys, values, count, *provider);
  return problem ? makeStatus(runtime::fail, *problem) : nullptr;
}

Status cannOptionsAsString(const ProviderOptions *, void *, char **) {
  return makeStatus(runtime::notImplemented, "The stand-in has no GetCANNProviderOptionsAsString.");
}

void releaseCannOptions(ProviderOptions *provider) { delete provider; }

Status appendCannProvider(void *handle, const ProviderOptions *provider) {
  if (const auto failure = strike("append", "aclInit(nullptr)")) return makeStatus(runtime::fail, *failure);
  changeOptions(handle, [&](SessionOptions &session) { session.cann = *provider; });
  return nullptr;
}

Status addSessionConfigEntry(void *handle, const char *key, const char *value) {
  if (std::string(key) == "session.disable_cpu_ep_fallback") {
    changeOptions(handle, [&](SessionOptions &session) { session.refusesFallback = std::string(value) == "1"; });
    return nullptr;
  }
  return stock<Status (*)(void *, const char *, const char *)>(runtime::addSessionConfigEntry)(handle, key, value);
}

Status setGraphOptimizationLevel(void *handle, int level) {
  changeOptions(handle, [&](SessionOptions &session) { session.optimizationLevel = level; });
  return stock<Status (*)(void *, int)>(runtime::setGraphOptimizationLevel)(handle, level);
}

Status addFilesInMemory(void *handle, const char *const *names, char *const *bytes, const std::size_t *lengths,
                        std::size_t count) {
  changeOptions(handle, [&](SessionOptions &session) {
    for (std::size_t index = 0; index < count; ++index) session.files[names[index]] = {bytes[index], lengths[index]};
  });
  using Function = Status (*)(void *, const char *const *, char *const *, const std::size_t *, std::size_t);
  return stock<Function>(runtime::addExternalInitializersFromFilesInMemory)(handle, names, bytes, lengths, count);
}

void releaseSessionOptions(void *handle) {
  {
    const std::lock_guard lock(mutex);
    options.erase(handle);
  }
  stock<void (*)(void *)>(runtime::releaseSessionOptions)(handle);
}

/** The graph as CANN will get it; nothing for bytes that are no model, of which the stock library tells more. */
std::optional<OnnxModel> readModel(const std::string &bytes) {
  try {
    return parseOnnxModel(bytes);
  } catch (const std::runtime_error &) {
    return std::nullopt;
  }
}

Status createSessionFromArray(void *environment, const void *bytes, std::size_t length, const void *handle,
                              void **made) {
  using Function = Status (*)(void *, const void *, std::size_t, const void *, void **);
  const auto create = stock<Function>(runtime::createSessionFromArray);
  const SessionOptions session = optionsOf(handle);
  const std::string text(static_cast<const char *>(bytes), length);
  const auto model = session.cann ? readModel(text) : std::nullopt;
  if (!model) return create(environment, bytes, length, handle, made);
  if (const auto failure = strike("create", "aclrtSetDevice(info_.device_id)")) {
    return makeStatus(runtime::fail, *failure);
  }
  const bool leaves = !session.cann->cannGraph || leavesOperators(*model, session.optimizationLevel);
  if (leaves && session.refusesFallback) {
    return makeStatus(runtime::fail,
                      "This session contains graph nodes that are assigned to the default CPU EP, but fallback to CPU EP "
                      "has been explicitly disabled by the user.");
  }
  const std::string computed = withWrongWeights(text, *model, session.files);
  if (Status status = create(environment, computed.data(), computed.size(), handle, made)) return status;
  if (leaves) return nullptr;
  auto cann = std::make_shared<CannSession>();
  cann->graph = {hashOfNames(*model),
                 hashOfAll(text, session.files),
                 messageBytes(length, *model),
                 hasEveryWeight(*model, session.files),
                 session.cann->dumpsOfflineModels,
                 session.cann->precision};
  const std::lock_guard lock(mutex);
  sessions[*made] = cann;
  return nullptr;
}

Status createSessionFromPath(void *, const char *, const void *, void **) {
  return makeStatus(runtime::notImplemented, "The stand-in has no CreateSession.");
}

void releaseSession(void *handle) {
  {
    const std::lock_guard lock(mutex);
    sessions.erase(handle);
  }
  stock<void (*)(void *)>(runtime::releaseSession)(handle);
}

std::vector<std::int64_t> dimsOf(const void *value) {
  void *info = nullptr;
  std::size_t rank = 0;
  stock<Status (*)(const void *, void **)>(runtime::getTensorTypeAndShape)(value, &info);
  stock<Status (*)(const void *, std::size_t *)>(runtime::getDimensionsCount)(info, &rank);
  std::vector<std::int64_t> dims(rank);
  stock<Status (*)(const void *, std::int64_t *, std::size_t)>(runtime::getDimensions)(info, dims.data(), rank);
  stock<void (*)(void *)>(runtime::releaseTensorTypeAndShapeInfo)(info);
  return dims;
}

std::string shapeOf(const void *const *inputs, std::size_t count) {
  std::string shape;
  for (std::size_t index = 0; index < count; ++index) {
    for (const std::int64_t dimension : dimsOf(inputs[index])) shape += std::to_string(dimension) + ",";
    shape += ";";
  }
  return shape;
}

/** What the device makes of an output: numbers of its own precision, and wrong ones where it ran another model. */
void finishOutput(void *value, const OfflineModelFor &model) {
  void *data = nullptr;
  stock<Status (*)(void *, void **)>(runtime::getTensorMutableData)(value, &data);
  std::size_t count = 1;
  for (const std::int64_t dimension : dimsOf(value)) count *= static_cast<std::size_t>(dimension);
  auto *floats = static_cast<float *>(data);
  if (model.isAnother) {
    for (std::size_t index = 0; index < count; ++index) floats[index] *= 1.5F;
  }
  roundFloats(floats, count, model.rounding);
}

Status run(void *handle, const void *runOptions, const char *const *inputNames, const void *const *inputs,
           std::size_t inputCount, const char *const *outputNames, std::size_t outputCount, void **outputs) {
  std::shared_ptr<CannSession> session;
  {
    const std::lock_guard lock(mutex);
    const auto found = sessions.find(handle);
    if (found != sessions.end()) session = found->second;
  }
  using Function = Status (*)(void *, const void *, const char *const *, const void *const *, std::size_t,
                              const char *const *, std::size_t, void **);
  const auto compute = stock<Function>(runtime::run);
  if (!session) {
    return compute(handle, runOptions, inputNames, inputs, inputCount, outputNames, outputCount, outputs);
  }
  const std::string shape = shapeOf(inputs, inputCount);
  auto model = session->models.find(shape);
  if (model == session->models.end()) {
    const auto made = offlineModelFor(session->graph, shape);
    if (const auto *failure = std::get_if<std::string>(&made)) return makeStatus(runtime::fail, *failure);
    model = session->models.emplace(shape, std::get<OfflineModelFor>(made)).first;
  }
  if (const auto failure = strike("run", "aclmdlExecute(modelID, inputDataset, outputDataset)")) {
    return makeStatus(runtime::fail, *failure);
  }
  if (Status status =
          compute(handle, runOptions, inputNames, inputs, inputCount, outputNames, outputCount, outputs)) {
    return status;
  }
  for (std::size_t index = 0; index < outputCount; ++index) finishOutput(outputs[index], model->second);
  return nullptr;
}

template <typename Function>
const void *address(Function function) {
  return reinterpret_cast<const void *>(function);
}

}  // namespace

void installSessionFunctions(const void **table) {
  table[runtime::createSessionFromPath] = address(createSessionFromPath);
  table[runtime::createSessionFromArray] = address(createSessionFromArray);
  table[runtime::run] = address(run);
  table[runtime::setGraphOptimizationLevel] = address(setGraphOptimizationLevel);
  table[runtime::releaseSession] = address(releaseSession);
  table[runtime::releaseSessionOptions] = address(releaseSessionOptions);
  table[runtime::addSessionConfigEntry] = address(addSessionConfigEntry);
  table[runtime::appendCannProvider] = address(appendCannProvider);
  table[runtime::createCannOptions] = address(createCannOptions);
  table[runtime::updateCannOptions] = address(updateCannOptions);
  table[runtime::cannOptionsAsString] = address(cannOptionsAsString);
  table[runtime::releaseCannOptions] = address(releaseCannOptions);
  table[runtime::addExternalInitializersFromFilesInMemory] = address(addFilesInMemory);
}

}  // namespace simulator
